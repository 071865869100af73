/** Two arrays of one shape, element by element. Pure arithmetic, in double precision. */

import type { Values } from './types';

/** @throws RangeError where the arrays have not one length. */
export function checkLengths(a: Values, b: Values): void {
  if (a.length !== b.length) {
    throw new RangeError(`compare: expected ${a.length} elements, received ${b.length}`);
  }
}

export const OPERATIONS = ['difference', 'ratio', 'relative'] as const;
export type Operation = (typeof OPERATIONS)[number];

const OF_TWO: Readonly<Record<Operation, (a: number, b: number) => number>> = {
  difference: (a, b) => (a === b ? 0 : a - b),
  // 0 / 0 is NaN and x / 0 infinite, as in IEEE 754: there is no ratio to show.
  ratio: (a, b) => a / b,
  relative: (a, b) => (a === b ? 0 : (a - b) / Math.max(Math.abs(a), Math.abs(b))),
};

/** Element by element: a - b, a / b, or (a - b) / max(|a|, |b|), of which equal elements give 0. */
export function combined(a: Values, b: Values, operation: Operation): Float64Array {
  checkLengths(a, b);
  const of = OF_TWO[operation];
  return Float64Array.from({ length: a.length }, (_, i) => of(Number(a[i]), Number(b[i])));
}
