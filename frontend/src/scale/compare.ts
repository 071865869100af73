/** Two arrays of one shape, element by element. Pure arithmetic, in double precision. */

import type { Values } from './types';

/** @throws RangeError where the arrays have not one length. */
export function checkLengths(a: Values, b: Values): void {
  if (a.length !== b.length) {
    throw new RangeError(`compare: expected ${a.length} elements, received ${b.length}`);
  }
}

type Element = number | bigint;

/** a - b of two elements; of 64-bit integers exact before it is a double. */
export function apartBy(a: Element, b: Element): number {
  return typeof a === 'bigint' && typeof b === 'bigint' ? Number(a - b) : Number(a) - Number(b);
}

export const OPERATIONS = ['difference', 'ratio', 'relative'] as const;
export type Operation = (typeof OPERATIONS)[number];

const OF_TWO: Readonly<Record<Operation, (a: Element, b: Element) => number>> = {
  difference: (a, b) => (a === b ? 0 : apartBy(a, b)),
  // 0 / 0 is NaN and x / 0 infinite, as in IEEE 754: there is no ratio to show.
  ratio: (a, b) => Number(a) / Number(b),
  relative: (a, b) =>
    a === b ? 0 : apartBy(a, b) / Math.max(Math.abs(Number(a)), Math.abs(Number(b))),
};

/** Element by element: a - b, a / b, or (a - b) / max(|a|, |b|), of which equal elements give 0. */
export function combined(a: Values, b: Values, operation: Operation): Float64Array {
  checkLengths(a, b);
  const of = OF_TWO[operation];
  return Float64Array.from({ length: a.length }, (_, i) => of(a[i] as Element, b[i] as Element));
}
