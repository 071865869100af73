/** Two arrays of one shape, element by element. Pure arithmetic, in double precision. */

import type { Values } from './types';

/** How two arrays differ. NaN is equal to NaN here: it is the same thing at the same place. */
export interface Difference {
  readonly count: number;
  /** Elements that are not equal. */
  readonly unequal: number;
  /** Elements of which one is finite and the other is not, or that are not finite in two ways. */
  readonly unlike: number;
  /** Over the elements that are finite in both: max |a - b|, and the root mean square of a - b. */
  readonly maxAbs: number;
  readonly rms: number;
  /** The root mean square of a - b beside that of a. */
  readonly relative: number;
  /** a . b / (|a| |b|) over the elements that are finite in both. */
  readonly cosine: number;
}

function isSame(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** @throws RangeError where the arrays have not one length. */
function checkLengths(a: Values, b: Values): void {
  if (a.length !== b.length) {
    throw new RangeError(`compare: expected ${a.length} elements, received ${b.length}`);
  }
}

export function differenceOf(a: Values, b: Values): Difference {
  checkLengths(a, b);
  let [unequal, unlike, maxAbs, squares, ofA, ofB, dot, finite] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const x = Number(a[i]);
    const y = Number(b[i]);
    if (!isSame(x, y)) unequal++;
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      if (!isSame(x, y)) unlike++;
      continue;
    }
    const apart = x - y;
    maxAbs = Math.max(maxAbs, Math.abs(apart));
    squares += apart * apart;
    ofA += x * x;
    ofB += y * y;
    dot += x * y;
    finite++;
  }
  const nothing = finite === 0 ? Number.NaN : 0;
  return {
    count: a.length,
    unequal,
    unlike,
    maxAbs: maxAbs + nothing,
    rms: Math.sqrt(squares / finite),
    relative: Math.sqrt(squares / ofA),
    cosine: dot / Math.sqrt(ofA * ofB),
  };
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

/** How far two elements are apart; what is not finite in one way is infinitely far from all else. */
function distance(a: number, b: number): number {
  if (isSame(a, b)) return 0;
  return Number.isFinite(a) && Number.isFinite(b) ? Math.abs(a - b) : Number.POSITIVE_INFINITY;
}

/** The places of the elements that are furthest apart, the furthest first; none that are equal. */
export function furthest(a: Values, b: Values, count: number): number[] {
  checkLengths(a, b);
  const places: number[] = [];
  const distances: number[] = [];
  for (let i = 0; i < a.length; i++) {
    const apart = distance(Number(a[i]), Number(b[i]));
    if (apart === 0 || (places.length === count && apart <= (distances.at(-1) ?? 0))) continue;
    let at = places.length;
    while (at > 0 && (distances[at - 1] ?? 0) < apart) at--;
    places.splice(at, 0, i);
    distances.splice(at, 0, apart);
    if (places.length > count) {
      places.pop();
      distances.pop();
    }
  }
  return places;
}

/** How many elements fall on each cell of a square of a against b; row 0 has the greatest b. */
export interface Scatter {
  readonly size: number;
  readonly lo: number;
  readonly hi: number;
  readonly counts: Uint32Array;
}

/** Of the elements that are finite in both; null where there are none. */
export function scatterOf(a: Values, b: Values, size: number): Scatter | null {
  checkLengths(a, b);
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const each = (visit: (x: number, y: number) => void) => {
    for (let i = 0; i < a.length; i++) {
      const x = Number(a[i]);
      const y = Number(b[i]);
      if (Number.isFinite(x) && Number.isFinite(y)) visit(x, y);
    }
  };
  each((x, y) => {
    lo = Math.min(lo, x, y);
    hi = Math.max(hi, x, y);
  });
  if (lo > hi) return null;
  if (lo === hi) [lo, hi] = [lo - 0.5, hi + 0.5];
  const counts = new Uint32Array(size * size);
  // Halves first: the difference of two large numbers may be no number.
  const place = (value: number) =>
    Math.min(size - 1, Math.floor(((value / 2 - lo / 2) / (hi / 2 - lo / 2)) * size));
  each((x, y) => {
    const at = (size - 1 - place(y)) * size + place(x);
    counts[at] = (counts[at] ?? 0) + 1;
  });
  return { size, lo, hi, counts };
}
