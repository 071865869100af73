import { describe, expect, test } from 'vitest';
import { cellAddress } from '../../src/gl/panelGrid';
import { type GalleryRequest, layOutGallery, mayCutTitles } from '../../src/picture/galleryLayout';
import { cursorAfter, panAfter } from '../../src/picture/keys';
import { gridOfMaps } from '../../src/picture/mapGrid';
import { contrasting } from '../../src/picture/numbers';
import { lineLength } from '../../src/picture/Strip';
import {
  type FitRequest,
  fitPicture,
  isZoomed,
  panned,
  revealed,
  zoomed,
} from '../../src/picture/view';
import { matrixOf } from '../../src/scale/matrix';

function fitOf(rows: number, cols: number, more: Partial<FitRequest> = {}) {
  return fitPicture({
    rowExtent: rows,
    colExtent: cols,
    gap: 0,
    width: 1000,
    height: 640,
    maxCell: 48,
    square: false,
    dpr: 1,
    ...more,
  });
}

function cellOf(fit: ReturnType<typeof fitOf>): [width: number, height: number] {
  return [fit.placements.cols.scale, fit.placements.rows.scale];
}

describe('a fitted picture', () => {
  test.each([
    ['square cells of whole pixels', 10, 64, [15, 15]],
    ['stretched cells where it would be a line', 64, 1024, [1000 / 1024, 3]],
    ['stretched cells where it would be a thread', 1024, 64, [3, 0.625]],
    ['cells no larger than a number needs', 1, 1, [48, 48]],
    ['a row of cells that can be hit', 1, 3000, [1 / 3, 48]],
    ['less than a pixel a cell where there are too many', 3072, 3072, [640 / 3072, 640 / 3072]],
  ] as const)('has %s', (_, rows, cols, cell) => {
    const [width, height] = cellOf(fitOf(rows, cols));
    expect(width).toBeCloseTo(cell[0]);
    expect(height).toBeCloseTo(cell[1]);
  });

  test('never leaves its room, whatever the shape', () => {
    for (const [rows, cols] of [
      [10, 64],
      [64, 1024],
      [1, 1_000_000],
      [333, 444],
    ] as const) {
      const fit = fitOf(rows, cols, { dpr: 1.5 });
      expect(fit.width).toBeLessThanOrEqual(1500);
      expect(fit.height).toBeLessThanOrEqual(960);
    }
  });

  test('uses the pixels of a dense screen', () => {
    expect(cellOf(fitOf(10, 64, { dpr: 2 }))).toEqual([31, 31]);
  });

  test('keeps kernels square', () => {
    const [width, height] = cellOf(fitOf(3, 127, { square: true, maxCell: 16 }));
    expect(width).toBe(height);
  });
});

describe('a view', () => {
  const fit = fitOf(300, 300);
  const start = fit.placements;

  test('zooms about the point that is held', () => {
    const view = zoomed(fit, start, 4, 200, 100);
    const placeAt = (placement: typeof start.cols, pixel: number) =>
      placement.origin + pixel / placement.scale;
    expect(placeAt(view.cols, 200)).toBeCloseTo(placeAt(start.cols, 200));
    expect(placeAt(view.rows, 100)).toBeCloseTo(placeAt(start.rows, 100));
    expect(isZoomed(fit, view)).toBe(true);
  });

  test('never shows less than a cell, nor more than everything', () => {
    expect(zoomed(fit, start, 1e9, 5, 5).cols.scale).toBe(72);
    expect(zoomed(fit, start, 1e-9, 5, 5)).toEqual(start);
  });

  test('becomes square as it nears', () => {
    const stretched = fitOf(64, 1024);
    const view = zoomed(stretched, stretched.placements, 1e6, 0, 0);
    expect([view.cols.scale, view.rows.scale]).toEqual([72, 72]);
  });

  test('moves with a drag, and not beyond the border', () => {
    const near = zoomed(fit, start, 4, 0, 0);
    expect(panned(fit, near, -40, 0).cols.origin).toBeCloseTo(40 / near.cols.scale);
    expect(panned(fit, near, 40, 40)).toEqual(near);
    const far = panned(fit, near, -1e9, -1e9);
    expect(far.cols.origin + fit.width / far.cols.scale).toBeCloseTo(300);
  });

  test('follows the cursor just as far as is needed', () => {
    const near = zoomed(fit, start, 10, 0, 0);
    expect(revealed(fit, near, 2, 3)).toEqual(near);
    const moved = revealed(fit, near, 0, 200);
    expect(moved.cols.origin + fit.width / moved.cols.scale).toBeCloseTo(201);
    expect(moved.rows).toEqual(near.rows);
  });
});

describe('keys', () => {
  test('bring the cursor to the first cell, then move it', () => {
    expect(cursorAfter('ArrowDown', null, 5, 7)).toEqual([0, 0]);
    expect(cursorAfter('ArrowDown', [2, 3], 5, 7)).toEqual([3, 3]);
    expect(cursorAfter('ArrowLeft', [2, 0], 5, 7)).toEqual([2, 0]);
    expect(cursorAfter('Home', [2, 3], 5, 7)).toEqual([2, 0]);
    expect(cursorAfter('x', [2, 3], 5, 7)).toBeNull();
  });

  test('move the picture against the direction that is looked in', () => {
    expect(panAfter('ArrowRight', 400, 200)).toEqual([-100, -0]);
    expect(panAfter('ArrowUp', 400, 200)).toEqual([-0, 50]);
    expect(panAfter('Enter', 400, 200)).toBeNull();
  });
});

describe('a gallery', () => {
  const layoutOf = (more: Partial<GalleryRequest>) =>
    layOutGallery({
      count: 64,
      rows: 12,
      cols: 12,
      longestTitle: 9,
      width: 1200,
      dpr: 1,
      ...more,
    });

  test('of 64 maps of 12 x 12 is seen at once, with whole pixels', () => {
    for (const width of [1040, 1200, 1600]) {
      const { columns, scale, pitchY } = layoutOf({ width });
      expect(Number.isInteger(scale)).toBe(true);
      expect(Math.ceil(64 / columns) * pitchY).toBeLessThanOrEqual(640);
    }
  });

  test('has the largest maps with which all are seen', () => {
    const { scale, columns, pitchY } = layoutOf({ count: 32, rows: 28, cols: 28 });
    expect(Math.ceil(32 / columns) * pitchY).toBeLessThanOrEqual(640);
    // One pixel more an element: 7 in a row and 5 rows, of 34 pixels more than a map each.
    const side = 28 * (scale + 1);
    const inRow = Math.floor((1200 + 14) / (side + 14));
    expect(Math.ceil(32 / inRow) * (side + 34)).toBeGreaterThan(640);
  });

  test('of very many maps keeps them large enough to be looked at', () => {
    expect(layoutOf({ count: 2048 }).mapWidth).toBe(72);
    expect(layoutOf({ count: 2 }).mapWidth).toBe(168);
  });

  test('never is wider than its room', () => {
    for (const width of [320, 777, 1600]) {
      for (const [rows, cols] of [
        [12, 12],
        [1, 1],
        [224, 224],
        [3, 300],
      ] as const) {
        const { columns, pitchX, mapWidth } = layoutOf({ width, rows, cols });
        expect((columns - 1) * pitchX + mapWidth).toBeLessThanOrEqual(width);
      }
    }
  });

  test('draws slices of one array from where they lie', () => {
    const values = new Float32Array(5 * 6);
    const maps = Array.from({ length: 5 }, (_, i) => matrixOf(values, 2, 3, i * 6));
    const grid = gridOfMaps(maps, 2);
    expect(grid.values).toBe(values);
    // Map 3 is the second of the second row.
    expect(cellAddress(grid, 2 + 1, 3 + 2)).toBe(3 * 6 + 5);
    expect(cellAddress(grid, 4, 3)).toBe(-1);
  });

  test('draws maps of several arrays from a copy', () => {
    const maps = [Float32Array.of(1, 2), Int8Array.of(3, 4)].map(map => matrixOf(map, 1, 2));
    const grid = gridOfMaps(maps, 2);
    expect([...grid.values]).toEqual([1, 2, 3, 4]);
    expect(cellAddress(grid, 0, 3)).toBe(3);
  });

  test('of maps of different shapes is refused', () => {
    const values = new Float32Array(6);
    const maps = [matrixOf(values, 2, 3), matrixOf(values, 3, 2)];
    expect(() => gridOfMaps(maps, 1)).toThrow(/all of 2 x 3, received one of 3 x 2/);
  });
});

test('strips are one line, or few lines of round length', () => {
  expect([1, 10, 64, 65, 1000, 4096, 65536].map(lineLength)).toEqual([
    1, 10, 64, 64, 64, 256, 4096,
  ]);
});

test('numbers are written in what stands out from their cell', () => {
  expect(contrasting([255, 255, 255, 255])).toBe('black');
  expect(contrasting([68, 1, 84, 255])).toBe('white');
  expect(contrasting([253, 231, 37, 255])).toBe('black');
});

test('titles are cut only where one may be longer than its room', () => {
  const request: GalleryRequest = {
    count: 64,
    rows: 12,
    cols: 12,
    longestTitle: 9,
    width: 1000,
    dpr: 1,
  };
  const layout = layOutGallery(request);
  expect(mayCutTitles(layout, ['Filter 1', 'Filter 64'], 1)).toBe(false);
  // Text of 12 pixels takes more than four of them a character.
  expect(mayCutTitles(layout, ['Filter 1', 'x'.repeat(layout.pitchX / 4)], 1)).toBe(true);
  expect(mayCutTitles(layout, ['\u7279\u5f81\u56fe 1'], 1)).toBe(true);
});
