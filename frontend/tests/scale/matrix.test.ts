import { expect, test } from 'vitest';

import { asNumbers, matrixOf, transposed, valueAt } from '../../src/scale/matrix';

const values = Float32Array.of(9, 0, 1, 2, 10, 11, 12, 9);

test('a matrix finds its elements from its offset on', () => {
  const matrix = matrixOf(values, 2, 3, 1);
  const found = [0, 1].map(row => [0, 1, 2].map(col => valueAt(matrix, row, col)));
  expect(found).toEqual([
    [0, 1, 2],
    [10, 11, 12],
  ]);
});

test('a transposed matrix has rows for columns without a copy', () => {
  const matrix = transposed(matrixOf(values, 2, 3, 1));
  expect([matrix.rows, matrix.cols]).toEqual([3, 2]);
  expect(valueAt(matrix, 2, 1)).toBe(12);
  expect(matrix.values).toBe(values);
});

test('an element outside is refused, also where the array goes on', () => {
  const matrix = matrixOf(values, 2, 3, 1);
  expect(() => valueAt(matrix, 0, 3)).toThrow(/within 2 x 3, received \[0, 3\]/);
  expect(() => valueAt(matrix, -1, 0)).toThrow(RangeError);
});

test('a matrix that is larger than its array is refused', () => {
  expect(() => matrixOf(values, 3, 3)).toThrow(/3 x 3 elements from 0 on, received an array of 8/);
});

test('64-bit integers become their nearest doubles, once', () => {
  const wide = BigInt64Array.of(1n, -(2n ** 62n));
  expect([...asNumbers(wide)]).toEqual([1, -(2 ** 62)]);
  expect(asNumbers(wide)).toBe(asNumbers(wide));
});
