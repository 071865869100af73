import type { Matrix, Values } from './types';

/** Elements as JavaScript numbers. */
export type Numbers = Exclude<Values, BigInt64Array | BigUint64Array>;

const widened = new WeakMap<Values, Float64Array>();

/**
 * The elements as numbers: the array itself, or, of 64-bit integers, their nearest doubles, which
 * is exact up to 2^53 in magnitude and keeps the order beyond. For colours and ranges; exact
 * values are shown from the array itself.
 */
export function asNumbers(values: Values): Numbers {
  if (!(values instanceof BigInt64Array || values instanceof BigUint64Array)) return values;
  let numbers = widened.get(values);
  if (numbers === undefined) {
    numbers = Float64Array.from(values, Number);
    widened.set(values, numbers);
  }
  return numbers;
}

/**
 * A C-ordered `rows` by `cols` view of an array, from element `offset` on.
 *
 * @throws RangeError where the array has not that many elements.
 */
export function matrixOf(values: Values, rows: number, cols: number, offset = 0): Matrix {
  const matrix: Matrix = { values, rows, cols, offset, rowStride: cols, colStride: 1 };
  if (offset < 0 || offset + rows * cols > values.length) {
    throw new RangeError(
      `matrix: expected ${rows} x ${cols} elements from ${offset} on, received an array of ${values.length}`,
    );
  }
  return matrix;
}

/** All elements of an array as one row, in the order of memory. */
export function rowMatrix(values: Values): Matrix {
  return matrixOf(values, 1, values.length);
}

/** The matrix with rows and columns exchanged; no element is copied. */
export function transposed(matrix: Matrix): Matrix {
  const { values, offset } = matrix;
  return {
    values,
    offset,
    rows: matrix.cols,
    cols: matrix.rows,
    rowStride: matrix.colStride,
    colStride: matrix.rowStride,
  };
}

/**
 * Where in the array the element at a row and a column is.
 *
 * @throws RangeError where the matrix has no such element.
 */
export function addressAt(matrix: Matrix, row: number, col: number): number {
  const { rows, cols, offset, rowStride, colStride } = matrix;
  if (!(row >= 0 && row < rows && col >= 0 && col < cols)) {
    throw new RangeError(
      `element: expected an index within ${rows} x ${cols}, received [${row}, ${col}]`,
    );
  }
  return offset + row * rowStride + col * colStride;
}

/**
 * The exact element at a row and a column.
 *
 * @throws RangeError where the matrix, or its array, has no such element.
 */
export function valueAt(matrix: Matrix, row: number, col: number): number | bigint {
  const address = addressAt(matrix, row, col);
  const value = matrix.values[address];
  if (value === undefined) {
    throw new RangeError(
      `element: expected an array of more than ${address}, received one of ${matrix.values.length}`,
    );
  }
  return value;
}
