import { expect, test } from 'vitest';

import {
  cellAddress,
  findNonFiniteLines,
  gridOfMatrix,
  type PanelGrid,
} from '../../src/gl/panelGrid';
import { matrixOf, transposed } from '../../src/scale/matrix';

const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;

test('a matrix has the addresses of its elements', () => {
  const matrix = matrixOf(new Float32Array(20), 3, 4, 5);
  expect(cellAddress(gridOfMatrix(matrix), 2, 1)).toBe(5 + 2 * 4 + 1);
  expect(cellAddress(gridOfMatrix(transposed(matrix)), 1, 2)).toBe(5 + 2 * 4 + 1);
});

test('a kernel has the address that PyTorch gives [out, in, row, column]', () => {
  const [out, input, size] = [4, 3, 5];
  const grid: PanelGrid = {
    values: new Float32Array(out * input * size * size),
    offset: 0,
    rows: { panels: out, cells: size, panelStride: input * size * size, cellStride: size },
    cols: { panels: input, cells: size, panelStride: size * size, cellStride: 1 },
    panelCount: out * input,
  };
  const [o, i, r, c] = [3, 1, 4, 2];
  const address = cellAddress(grid, o * size + r, i * size + c);
  expect(address).toBe(((o * input + i) * size + r) * size + c);
});

test('lines with values that are not finite are found, also in slices', () => {
  const values = Float32Array.of(NAN, 1, 2, 3, INF, 5, 6, 7, 8);
  const inner = { ...matrixOf(values, 2, 2, 4), rowStride: 3 };
  const lines = findNonFiniteLines(gridOfMatrix(inner));
  expect([[...lines.rows], [...lines.cols]]).toEqual([
    [1, 0],
    [1, 0],
  ]);
});

test('integers have none', () => {
  const lines = findNonFiniteLines(gridOfMatrix(matrixOf(Int32Array.of(1, 2), 1, 2)));
  expect([[...lines.rows], [...lines.cols]]).toEqual([[0], [0, 0]]);
});

test('blank panels have no address and are not searched', () => {
  const grid: PanelGrid = {
    values: Float32Array.of(1, 2, 3, NAN),
    offset: 0,
    rows: { panels: 2, cells: 1, panelStride: 2, cellStride: 0 },
    cols: { panels: 2, cells: 1, panelStride: 1, cellStride: 0 },
    panelCount: 3,
  };
  expect(cellAddress(grid, 1, 0)).toBe(2);
  expect(cellAddress(grid, 1, 1)).toBe(-1);
  expect([...findNonFiniteLines(grid).rows]).toEqual([0, 0]);
});
