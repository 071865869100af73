import { expect, test, vi } from 'vitest';
import { CODE_NAN } from '../../src/scale/looks';
import { colorOf, colorOfCode, resolveScale } from '../../src/scale/scale';
import type { HealthRow } from '../../src/state/healthCells';
import { settingsOf } from '../../src/state/healthMap';
import { columnsOnPixels, LINES_PER_ROW, paintRow, RowPainter } from '../../src/views/healthPixels';

const row = (values: number[], nonFinite = values.map(() => 0)): HealthRow => ({
  key: 'a/output',
  values: Float64Array.from(values),
  nonFinite: Float64Array.from(nonFinite),
});

test('a_column_that_is_wider_than_a_pixel_has_all_of_its_pixels', () => {
  expect([...columnsOnPixels(row([5, 7, 6]), 6)]).toEqual([0, 0, 1, 1, 2, 2]);
});

test('of_columns_that_share_a_pixel_the_greatest_is_seen', () => {
  expect([...columnsOnPixels(row([1, 9, 4, 3, 2, 8]), 2)]).toEqual([1, 5]);
});

test('what_is_not_finite_is_never_hidden_by_a_greater_value', () => {
  expect([...columnsOnPixels(row([100, 1, 2, 50], [0, 1, 0, 0]), 1)]).toEqual([1]);
});

test('what_was_not_recorded_is_blank_and_hides_nothing', () => {
  const gap = row([Number.NaN, 3, Number.NaN, Number.NaN], [Number.NaN, 0, Number.NaN, Number.NaN]);
  expect([...columnsOnPixels(gap, 2)]).toEqual([1, -1]);
});

test('pixels_have_the_colours_of_the_scale_and_the_look_of_nan', () => {
  const one = row([0.5, 8, 2, Number.NaN], [0, 0, 3, Number.NaN]);
  const matrix = { values: one.values, rows: 1, cols: 4, offset: 0, rowStride: 4, colStride: 1 };
  const scale = resolveScale(settingsOf('rms'), [matrix]);
  const pixels = new Uint8ClampedArray(4 * 4);
  paintRow(one, scale, 4, pixels);
  const colors = Array.from({ length: 4 }, (_, x) => [...pixels.subarray(x * 4, x * 4 + 4)]);
  expect(colors).toEqual([
    [...colorOf(scale, 0.5)],
    [...colorOf(scale, 8)],
    [...colorOfCode(scale, CODE_NAN)],
    [0, 0, 0, 0],
  ]);
});

test('rows stand one below the other, with the colour of the page between them and where nothing was recorded', () => {
  vi.stubGlobal(
    'ImageData',
    class {
      readonly data: Uint8ClampedArray;
      constructor(
        readonly width: number,
        readonly height: number,
      ) {
        this.data = new Uint8ClampedArray(width * height * 4);
      }
    },
  );
  const rows = [row([0.5, 8]), row([Number.NaN, 2], [Number.NaN, 0])];
  const matrices = rows.map(({ values }) => ({
    values,
    rows: 1,
    cols: 2,
    offset: 0,
    rowStride: 2,
    colStride: 1,
  }));
  const scale = resolveScale(settingsOf('rms'), matrices);
  const painter = new RowPainter(scale, 2, [10, 20, 30, 255]);
  painter.paint([rows[1] as HealthRow, rows[0] as HealthRow]);
  const { data, width, height } = painter.paint(rows);
  vi.unstubAllGlobals();
  expect([width, height]).toEqual([2, 2 * LINES_PER_ROW]);
  const at = (x: number, y: number) => [...data.subarray((y * 2 + x) * 4, (y * 2 + x) * 4 + 4)];
  const page = [10, 20, 30, 255];
  for (let y = 0; y < LINES_PER_ROW - 1; y++) {
    expect([at(0, y), at(1, y)]).toEqual([[...colorOf(scale, 0.5)], [...colorOf(scale, 8)]]);
    expect([at(0, y + LINES_PER_ROW), at(1, y + LINES_PER_ROW)]).toEqual([
      page,
      [...colorOf(scale, 2)],
    ]);
  }
  expect([at(0, LINES_PER_ROW - 1), at(1, 2 * LINES_PER_ROW - 1)]).toEqual([page, page]);
});
