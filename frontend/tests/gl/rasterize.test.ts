import { describe, expect, test, vi } from 'vitest';

import { composePicture } from '../../src/gl/compose';
import { MARK_MIN_PIXELS } from '../../src/gl/marks';
import { gridOfMatrix, type PanelGrid } from '../../src/gl/panelGrid';
import { rasterizeParts, rasterizeStripes } from '../../src/gl/pixels';
import { rasterize, shownCell } from '../../src/gl/rasterize';
import { LOOKS } from '../../src/scale/looks';
import { matrixOf, valueAt } from '../../src/scale/matrix';
import { colorOf, DEFAULT_SETTINGS, resolveScale } from '../../src/scale/scale';
import type { Matrix, RGBA } from '../../src/scale/types';

const TRANSPARENT: RGBA = [0, 0, 0, 0];

function scaleOf(matrix: Matrix) {
  return resolveScale(DEFAULT_SETTINGS, [matrix]);
}

function pixelAt(pixels: Uint8ClampedArray, width: number, x: number, y: number): number[] {
  return [...pixels.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

const square = (scale: number) => ({
  rows: { gap: 0, origin: 0, scale },
  cols: { gap: 0, origin: 0, scale },
});

function wave(rows: number, cols: number): Matrix {
  return matrixOf(
    Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i * 1.3)),
    rows,
    cols,
  );
}

test('every pixel of a cell is exactly the colour that the map gives its value', () => {
  const matrix = wave(4, 6);
  const scale = scaleOf(matrix);
  const picture = composePicture(gridOfMatrix(matrix), square(5), 30, 20, scale, true);
  const pixels = rasterize(picture);
  for (let y = 0; y < 20; y++) {
    for (let x = 0; x < 30; x++) {
      const cell = [Math.floor(y / 5), Math.floor(x / 5)] as const;
      expect(pixelAt(pixels, 30, x, y)).toEqual(colorOf(scale, valueAt(matrix, ...cell)));
      expect(shownCell(picture, x, y)).toEqual(cell);
    }
  }
});

/** What a browser has, and a test without one needs. */
class Pixels {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

test('parts that are put together are the picture that they are parts of', () => {
  vi.stubGlobal('ImageData', Pixels);
  const matrix = wave(8, 6);
  const scale = scaleOf(matrix);
  const [width, height, cell] = [30, 40, 5];
  const partOf = (first: number, count: number, x: number) => {
    const columns = { ...matrix, offset: first, cols: count };
    const grid = gridOfMatrix(columns);
    return {
      picture: composePicture(grid, square(cell), count * cell, height, scale, true),
      x,
      y: 0,
    };
  };
  const image = rasterizeParts([partOf(0, 4, 0), partOf(4, 2, 20)], width, height);
  vi.unstubAllGlobals();
  expect([image.width, image.height]).toEqual([width, height]);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = valueAt(matrix, Math.floor(y / cell), Math.floor(x / cell));
      expect(pixelAt(image.data, width, x, y)).toEqual(colorOf(scale, value));
    }
  }
});

test('a picture that comes in stripes is the same picture, cells and marks across them included', () => {
  vi.stubGlobal('ImageData', Pixels);
  const [width, height, cell] = [1600, 200, 100];
  const matrix = matrixOf(
    Float32Array.from({ length: 32 }, (_, i) => (i % 3 ? i : Number.NaN)),
    2,
    16,
  );
  const scale = scaleOf(matrix);
  const picture = composePicture(gridOfMatrix(matrix), square(cell), width, height, scale, true);
  const pixels = new Uint8ClampedArray(width * height * 4);
  const starts: number[] = [];
  rasterizeStripes(picture, {
    put: (stripe, row) => {
      starts.push(row);
      pixels.set(stripe.data, row * width * 4);
    },
    clear: () => expect.unreachable('there is nothing between the cells'),
  });
  vi.unstubAllGlobals();
  expect(starts.length).toBeGreaterThan(2);
  expect(starts.some(row => row % cell !== 0)).toBe(true);
  expect(pixels).toEqual(rasterize(picture));
  for (let y = 0; y < height; y += 7) {
    const value = valueAt(matrix, Math.floor(y / cell), 1);
    expect(pixelAt(pixels, width, cell, y)).toEqual(colorOf(scale, value));
  }
});

test('rows between maps are cleared, those that are few are sent with the rest', () => {
  vi.stubGlobal('ImageData', Pixels);
  const values = Float32Array.from({ length: 3 * 4 }, (_, i) => i);
  const axis = (panels: number) => ({ panels, cells: 2, panelStride: 4, cellStride: 1 });
  const rows = { ...axis(3), cellStride: 2 };
  const grid: PanelGrid = { values, offset: 0, rows, cols: axis(1), panelCount: 3 };
  const scale = scaleOf(matrixOf(values, 1, 12));
  const told = (gap: number) => {
    const placements = {
      rows: { gap, origin: -gap, scale: 4 },
      cols: { gap, origin: 0, scale: 4 },
    };
    const height = 4 * 3 * (2 + gap);
    const picture = composePicture(grid, placements, 10, height, scale, true);
    const pixels = new Uint8ClampedArray(10 * height * 4).fill(99);
    const cleared: [number, number][] = [];
    rasterizeStripes(picture, {
      put: (stripe, row) => pixels.set(stripe.data, row * 40),
      clear: (row, count) => {
        cleared.push([row, count]);
        pixels.fill(0, row * 40, (row + count) * 40);
      },
    });
    expect(pixels).toEqual(rasterize(picture));
    return cleared;
  };
  expect(told(1)).toEqual([]);
  expect(told(5)).toEqual([
    [0, 20],
    [28, 20],
    [56, 20],
  ]);
  vi.unstubAllGlobals();
});

describe('panels', () => {
  const values = Float32Array.from({ length: 5 * 6 }, (_, i) => i);
  // Five panels of 2 x 3, two side by side.
  const grid: PanelGrid = {
    values,
    offset: 0,
    rows: { panels: 3, cells: 2, panelStride: 12, cellStride: 3 },
    cols: { panels: 2, cells: 3, panelStride: 6, cellStride: 1 },
    panelCount: 5,
  };
  const scale = scaleOf(matrixOf(values, 1, 30));
  const placements = {
    rows: { gap: 1, origin: 0, scale: 1 },
    cols: { gap: 1, origin: 0, scale: 1 },
  };
  const pixels = rasterize(composePicture(grid, placements, 7, 8, scale, false));

  test('are in reading order', () => {
    expect(pixelAt(pixels, 7, 0, 0)).toEqual(colorOf(scale, 0));
    expect(pixelAt(pixels, 7, 4, 0)).toEqual(colorOf(scale, 6));
    expect(pixelAt(pixels, 7, 6, 4)).toEqual(colorOf(scale, 18 + 5));
  });

  test('leave gaps and what is behind the last one transparent', () => {
    expect(pixelAt(pixels, 7, 3, 0)).toEqual(TRANSPARENT);
    expect(pixelAt(pixels, 7, 0, 2)).toEqual(TRANSPARENT);
    expect(pixelAt(pixels, 7, 2, 7)).toEqual(colorOf(scale, 24 + 5));
    expect(pixelAt(pixels, 7, 4, 6)).toEqual(TRANSPARENT);
  });
});

describe('a picture smaller than its matrix', () => {
  function withOne(value: number, row: number, col: number): Matrix {
    const matrix = wave(300, 300);
    (matrix.values as Float32Array)[row * 300 + col] = value;
    return matrix;
  }

  test.each([
    [0, 0],
    [299, 299],
    [151, 77],
    [42, 298],
  ])('shows the only NaN, at [%i, %i], in one pixel', (row, col) => {
    const matrix = withOne(Number.NaN, row, col);
    const picture = composePicture(
      gridOfMatrix(matrix),
      square(0.1),
      30,
      30,
      scaleOf(matrix),
      true,
    );
    const pixels = rasterize(picture);
    const nan = LOOKS.find(look => look.name === 'nan')?.color;
    const found = Array.from(
      { length: 900 },
      (_, i) => [i % 30, Math.floor(i / 30)] as const,
    ).filter(([x, y]) => String(pixelAt(pixels, 30, x, y)) === String(nan));
    expect(found).toEqual([[Math.floor(col / 10), Math.floor(row / 10)]]);
    expect(shownCell(picture, Math.floor(col / 10), Math.floor(row / 10))).toEqual([row, col]);
  });

  test('prefers NaN to +Inf, +Inf to -Inf, and these to what is finite', () => {
    const values = Float32Array.of(1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 2, 3, 4);
    const matrix = matrixOf(values, 2, 3);
    const small = { ...square(0.5), cols: { gap: 0, origin: 0, scale: 1 / 3 } };
    const shown = () =>
      shownCell(composePicture(gridOfMatrix(matrix), small, 1, 1, scaleOf(matrix), true), 0, 0);
    expect(shown()).toEqual([0, 2]);
    values[5] = Number.NaN;
    expect(shown()).toEqual([1, 2]);
  });
});

describe('marks', () => {
  const values = Float32Array.of(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -5,
    5,
  );
  const matrix = matrixOf(values, 1, 5);
  const settings = { ...DEFAULT_SETTINGS, mode: 'fixed', fixed: [-1, 1] } as const;
  const scale = resolveScale(settings, [matrix]);

  function shapesAt(size: number): string[] {
    const placements = square(size);
    const picture = composePicture(gridOfMatrix(matrix), placements, size * 5, size, scale, true);
    const pixels = rasterize(picture);
    return LOOKS.map((look, i) => {
      const cell: string[] = [];
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const color = String(pixelAt(pixels, size * 5, i * size + x, y));
          expect([String(look.color), String(look.ink)]).toContain(color);
          cell.push(color === String(look.ink) ? '#' : '.');
        }
      }
      return cell.join('');
    });
  }

  test.each([MARK_MIN_PIXELS, 12, 31])('of %i pixels have five shapes', size => {
    const shapes = shapesAt(size);
    expect(new Set(shapes).size).toBe(5);
    for (const shape of shapes) expect(shape).toMatch(/#.*\..*#/);
  });

  test('are left out where there is no room', () => {
    for (const shape of shapesAt(MARK_MIN_PIXELS - 1)) expect(shape).not.toContain('#');
  });
});
