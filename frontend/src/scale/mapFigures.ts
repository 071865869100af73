/** What a map is like as a whole: by this a gallery is sorted and filtered. */

import { asNumbers } from './matrix';
import type { Matrix } from './types';

export interface MapFigures {
  /** Over its finite elements: the root mean square, and the variance. */
  readonly rms: number;
  readonly variance: number;
  /** The share of elements that are zero. */
  readonly zeros: number;
  readonly nonFinite: number;
  /** Whether all elements are one and the same number: the map says nothing. */
  readonly isConstant: boolean;
  /** The share of elements at the least or the greatest value of all maps, where those differ. */
  readonly atEnds: number;
}

function forEach(matrix: Matrix, visit: (value: number) => void): void {
  const { offset, rows, cols, rowStride, colStride } = matrix;
  const numbers = asNumbers(matrix.values);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      visit(numbers[offset + row * rowStride + col * colStride] as number);
    }
  }
}

/** The figures of one map; `ends` are the least and the greatest value of all maps. */
export function mapFigures(
  matrix: Matrix,
  [least, greatest]: readonly [number, number],
): MapFigures {
  const { offset, rows, cols, rowStride, colStride } = matrix;
  const numbers = asNumbers(matrix.values);
  const first = numbers[offset] as number;
  const haveEnds = least < greatest;
  let [finite, sum, squares, zeros, atEnds] = [0, 0, 0, 0, 0];
  let isConstant = true;
  // Thousands of maps are looked at before they are sorted: no call for each element.
  for (let row = 0; row < rows; row++) {
    for (let col = 0, at = offset + row * rowStride; col < cols; col++, at += colStride) {
      const value = numbers[at] as number;
      if (value !== first && !Object.is(value, first)) isConstant = false;
      if (value === 0) zeros++;
      if (haveEnds && (value === least || value === greatest)) atEnds++;
      if (!Number.isFinite(value)) continue;
      finite++;
      sum += value;
      squares += value * value;
    }
  }
  const mean = sum / finite;
  let spread = 0;
  // In two passes: the difference of two large squares has no digits left.
  for (let row = 0; row < rows; row++) {
    for (let col = 0, at = offset + row * rowStride; col < cols; col++, at += colStride) {
      const value = numbers[at] as number;
      if (Number.isFinite(value)) spread += (value - mean) ** 2;
    }
  }
  const count = rows * cols;
  return {
    rms: Math.sqrt(squares / finite),
    variance: spread / finite,
    zeros: zeros / count,
    nonFinite: count - finite,
    isConstant: isConstant && finite === count,
    atEnds: atEnds / count,
  };
}

/** The cosine of the angle between two maps, as vectors; NaN where either is zero or not finite. */
export function similarity(a: Matrix, b: Matrix): number {
  const other: number[] = [];
  forEach(b, value => other.push(value));
  let [dot, ofA, ofB, at] = [0, 0, 0, 0];
  forEach(a, value => {
    const beside = other[at++] ?? Number.NaN;
    dot += value * beside;
    ofA += value * value;
    ofB += beside * beside;
  });
  return dot / Math.sqrt(ofA * ofB);
}
