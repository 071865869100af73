import { describe, expect, test } from 'vitest';

import { composePicture, type Placements } from '../../src/gl/compose';
import { gridOfMatrix } from '../../src/gl/panelGrid';
import { rasterize } from '../../src/gl/rasterize';
import { composePart, levelFor, TILE_CELLS, tileRect, visibleTiles } from '../../src/gl/tiles';
import { matrixOf } from '../../src/scale/matrix';
import { DEFAULT_SETTINGS, resolveScale } from '../../src/scale/scale';
import type { Matrix } from '../../src/scale/types';

describe('levelFor', () => {
  test('is_the_finest_level_of_which_no_cell_is_smaller_than_a_pixel', () => {
    expect(levelFor(1, 0, 3)).toBe(0);
    expect(levelFor(0.99, 0, 3)).toBe(1);
    expect(levelFor(1 / 8, 0, 3)).toBe(1);
    expect(levelFor(1 / 9, 0, 3)).toBe(2);
    expect(levelFor(1 / 1000, 0, 2)).toBe(2);
    expect(levelFor(40, 1, 2)).toBe(1);
  });
});

const at = (row: number, col: number, scale: number): Placements => ({
  rows: { gap: 0, origin: row, scale },
  cols: { gap: 0, origin: col, scale },
});

describe('tiles', () => {
  test('those_that_a_view_touches_are_visible_and_no_others', () => {
    // Elements 500 to 599.5 and 1024 to 1224, of tiles 512 high and wide.
    const view = at(500, 1024, 2);
    expect(visibleTiles(view, 400, 199, 0, 16_384, 16_384)).toEqual([
      { level: 0, row: 0, col: 2 },
      { level: 0, row: 1, col: 2 },
    ]);
    // Of level 1 a tile is 4096 elements high and wide.
    expect(visibleTiles(view, 400, 199, 1, 16_384, 16_384)).toEqual([{ level: 1, row: 0, col: 0 }]);
    expect(visibleTiles(at(0, 0, 1), 5000, 5000, 0, 600, 300)).toHaveLength(2);
  });

  test('the_last_ones_end_with_the_matrix', () => {
    expect(tileRect({ level: 0, row: 1, col: 0 }, 600, 300)).toEqual({
      rowStart: 512,
      rowStop: 600,
      colStart: 0,
      colStop: 300,
    });
    // ceil(5000 / 8) = 625 blocks, as docs/http_api.md has it.
    expect(tileRect({ level: 1, row: 1, col: 0 }, 5000, 300).rowStop).toBe(625);
  });
});

function noise(rows: number, cols: number): Matrix {
  let seed = 7;
  const values = Float32Array.from({ length: rows * cols }, () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647 - 0.5;
  });
  for (const [place, value] of [
    [3, Number.NaN],
    [rows * cols - 5, Infinity],
    [TILE_CELLS * cols + 20, -Infinity],
    [cols * 9 + 9, 3e38],
  ] as const) {
    values[place] = value;
  }
  return matrixOf(values, rows, cols);
}

function partOfMatrix(matrix: Matrix, rect: ReturnType<typeof tileRect>): Matrix {
  const rows = rect.rowStop - rect.rowStart;
  const cols = rect.colStop - rect.colStart;
  const values = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      values[row * cols + col] = matrix.values[
        (rect.rowStart + row) * matrix.cols + rect.colStart + col
      ] as number;
    }
  }
  return matrixOf(values, rows, cols);
}

test.each([
  [0, 0, 1],
  [480.25, 501.5, 3.7],
  [505, 507.75, 17],
  [-20, -3.5, 2.5],
  [511.9, 300, 1.03],
])('tiles_from_%f_%f_at_scale_%f_have_the_pixels_of_the_whole', (row, col, zoom) => {
  const matrix = noise(530, 540);
  const scale = resolveScale(DEFAULT_SETTINGS, [matrix]);
  const view = at(row, col, zoom);
  const [width, height] = [230, 170];
  const whole = rasterize(composePicture(gridOfMatrix(matrix), view, width, height, scale, true));
  const joined = new Uint8ClampedArray(width * height * 4);
  for (const id of visibleTiles(view, width, height, 0, matrix.rows, matrix.cols)) {
    const rect = tileRect(id, matrix.rows, matrix.cols);
    const first = [rect.rowStart, rect.colStart] as const;
    const grid = gridOfMatrix(partOfMatrix(matrix, rect));
    const part = composePart(grid, first, view, width, height, scale, true);
    if (part === null) continue;
    const pixels = rasterize(part.picture);
    const across = part.picture.columns.length / 4;
    for (let y = 0; y * across * 4 < pixels.length; y++) {
      const line = pixels.subarray(y * across * 4, (y + 1) * across * 4);
      joined.set(line, ((part.y + y) * width + part.x) * 4);
    }
  }
  expect(joined.some(byte => byte !== 0)).toBe(true);
  expect(joined).toEqual(whole);
});
