import { asNumbers } from './matrix';
import { selectInPlace } from './select';
import type { Matrix } from './types';

/** Two percentiles, 0 to 100, the lower first. */
export type Percentiles = readonly [low: number, high: number];

/** The extremes of the finite elements of some matrices; infinite and reversed where none is. */
export interface Extremes {
  readonly min: number;
  readonly max: number;
}

/** What is asked of a matrix alone is found once. */
function once<Found>(find: (matrices: readonly Matrix[]) => Found) {
  const known = new WeakMap<Matrix, Found>();
  return (matrices: readonly Matrix[]): Found => {
    const [only, ...others] = matrices;
    if (only === undefined || others.length > 0) return find(matrices);
    const found = known.get(only) ?? find(matrices);
    known.set(only, found);
    return found;
  };
}

/** The extremes of some matrices; of a matrix that is asked about alone, found once. */
export const findExtremes = once((matrices): Extremes => {
  const found = extremesIn(matrices, () => true);
  // An infinity is rare: to ask each element whether it is one costs as much as to compare it.
  const hasInfinity =
    found.min === Number.NEGATIVE_INFINITY || found.max === Number.POSITIVE_INFINITY;
  return hasInfinity ? extremesIn(matrices, Number.isFinite) : found;
});

/** The least element above zero, for logarithms; infinite where there is none. */
export const findLeastPositive = once(
  matrices => extremesIn(matrices, value => value > 0 && Number.isFinite(value)).min,
);

/** A NaN is neither less nor greater than anything. */
function extremesIn(matrices: readonly Matrix[], counts: (value: number) => boolean): Extremes {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const matrix of matrices) {
    const values = asNumbers(matrix.values);
    const { rows, cols, offset, rowStride, colStride } = matrix;
    for (let row = 0; row < rows; row++) {
      let at = offset + row * rowStride;
      for (let col = 0; col < cols; col++, at += colStride) {
        const value = values[at] as number;
        if (value < min && counts(value)) min = value;
        if (value > max && counts(value)) max = value;
      }
    }
  }
  return { min, max };
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

/** Blocks of large matrices, of which nothing but the extremes is known. */
export interface BlockExtremes {
  readonly least: readonly Matrix[];
  readonly greatest: readonly Matrix[];
  /** How many elements a block has. */
  readonly elements: number;
}

/**
 * An estimate of two percentiles of the elements in blocks. Of independent elements the least of n
 * is below the p-th percentile with probability 1 - (1 - p / 100)^n: that quantile of the leasts is
 * it; likewise for the greatest (order statistics).
 */
export function robustBlockRange(
  { least, greatest, elements }: BlockExtremes,
  [low, high]: Percentiles,
): [lo: number, hi: number] {
  const leasts = finiteElements(least, false);
  const greatests = finiteElements(greatest, false);
  if (leasts.length === 0 || greatests.length === 0) return [Number.NaN, Number.NaN];
  const place = (quantile: number, count: number) =>
    Math.min(count - 1, Math.max(0, Math.ceil(quantile * count) - 1));
  return [
    selectInPlace(leasts, place(1 - (1 - low / 100) ** elements, leasts.length)),
    selectInPlace(greatests, place((high / 100) ** elements, greatests.length)),
  ];
}

/**
 * Two percentiles of the finite elements, by nearest rank (NumPy's
 * `inverted_cdf`): both are elements. With `positiveOnly`, of those above zero. NaN where there
 * is none.
 */
export function robustRange(
  matrices: readonly Matrix[],
  positiveOnly: boolean,
  [low, high]: Percentiles,
): [lo: number, hi: number] {
  const items = finiteElements(matrices, positiveOnly);
  if (items.length === 0) return [Number.NaN, Number.NaN];
  const rank = (percentile: number) =>
    Math.max(0, Math.ceil((percentile * items.length) / 100) - 1);
  return [selectInPlace(items, rank(low)), selectInPlace(items, rank(high))];
}
