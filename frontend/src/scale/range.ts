import { asNumbers } from './matrix';
import { selectInPlace } from './select';
import type { Matrix } from './types';

/** The percentiles that `robust` shows between. */
const ROBUST_PERCENTILES = [1, 99] as const;

/** The extremes of the finite elements of some matrices; infinite and reversed where none is. */
export interface Extremes {
  readonly min: number;
  readonly max: number;
  /** The least element above zero, for logarithms. */
  readonly minPositive: number;
}

export function findExtremes(matrices: readonly Matrix[]): Extremes {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let minPositive = Number.POSITIVE_INFINITY;
  for (const matrix of matrices) {
    const values = asNumbers(matrix.values);
    const { rows, cols, offset, rowStride, colStride } = matrix;
    for (let row = 0; row < rows; row++) {
      let at = offset + row * rowStride;
      for (let col = 0; col < cols; col++, at += colStride) {
        const value = values[at] as number;
        if (!Number.isFinite(value)) continue;
        if (value < min) min = value;
        if (value > max) max = value;
        if (value > 0 && value < minPositive) minPositive = value;
      }
    }
  }
  return { min, max, minPositive };
}

function finiteElements(
  matrices: readonly Matrix[],
  positiveOnly: boolean,
): Float32Array | Float64Array {
  const size = matrices.reduce((sum, matrix) => sum + matrix.rows * matrix.cols, 0);
  const single = matrices.every(matrix => matrix.values instanceof Float32Array);
  const kept = single ? new Float32Array(size) : new Float64Array(size);
  let count = 0;
  for (const matrix of matrices) {
    const values = asNumbers(matrix.values);
    const { rows, cols, offset, rowStride, colStride } = matrix;
    for (let row = 0; row < rows; row++) {
      let at = offset + row * rowStride;
      for (let col = 0; col < cols; col++, at += colStride) {
        const value = values[at] as number;
        if (Number.isFinite(value) && (value > 0 || !positiveOnly)) kept[count++] = value;
      }
    }
  }
  return kept.subarray(0, count);
}

/**
 * The 1st and the 99th percentile of the finite elements, by nearest rank (NumPy's
 * `inverted_cdf`): both are elements. With `positiveOnly`, of those above zero. NaN where there
 * is none.
 */
export function robustRange(
  matrices: readonly Matrix[],
  positiveOnly: boolean,
): [lo: number, hi: number] {
  const items = finiteElements(matrices, positiveOnly);
  if (items.length === 0) return [Number.NaN, Number.NaN];
  const [low, high] = ROBUST_PERCENTILES;
  const rank = (percentile: number) =>
    Math.max(0, Math.ceil((percentile * items.length) / 100) - 1);
  return [selectInPlace(items, rank(low)), selectInPlace(items, rank(high))];
}
