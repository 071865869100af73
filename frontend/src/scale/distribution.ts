/** How the elements of a picture are spread over their values: what a range is chosen by. */

import { asNumbers } from './matrix';
import { findExtremes, findLeastPositive } from './range';
import { type Spread, spreadOf } from './transform';
import type { Matrix, Transform } from './types';

export interface Distribution {
  /** The least and the greatest value; of a logarithm, the least above zero. */
  readonly lo: number;
  readonly hi: number;
  readonly spread: Spread;
  /** Elements in each of equal parts of the spread. */
  readonly counts: Uint32Array;
}

/** More elements than this are looked at in even steps: a bar of 100 is off by 2 % of its height. */
const MOST_ELEMENTS = 250_000;

/** Null where there are no two different values to choose between. */
export function distributionOf(
  matrices: readonly Matrix[],
  transform: Transform,
  bins: number,
): Distribution | null {
  const { min, max } = findExtremes(matrices);
  const lo = transform === 'log' ? findLeastPositive(matrices) : min;
  const hi = max;
  if (!(lo < hi) || !Number.isFinite(lo) || !Number.isFinite(hi)) return null;
  const spread = spreadOf(transform, lo, hi);
  const counts = new Uint32Array(bins);
  const total = matrices.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
  // Odd: rows of even lengths have all of their columns looked at.
  const step = Math.max(1, Math.ceil(total / MOST_ELEMENTS)) | 1;
  let passed = 0;
  for (const { values, rows, cols, offset, rowStride, colStride } of matrices) {
    const numbers = asNumbers(values);
    for (let row = 0; row < rows; row++) {
      for (let col = (step - (passed % step)) % step; col < cols; col += step) {
        const value = numbers[offset + row * rowStride + col * colStride] as number;
        if (!(value >= lo && value <= hi)) continue;
        const bin = Math.min(bins - 1, Math.floor(spread.forward(value) * bins));
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      passed += cols;
    }
  }
  return { lo, hi, spread, counts };
}
