/**
 * How two arrays of one shape differ, taken in part by part: what is too large to be held at once
 * is compared as it comes. In double precision.
 */

import { apartBy, checkLengths } from './compare';
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

type Element = number | bigint;

/** Whether two elements of arrays of one type are equal: as doubles, large integers may seem to be. */
function isSame(a: Element, b: Element): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** The numbers of a difference; parts may come in any order. */
export class DifferenceSums {
  #count = 0;
  #unequal = 0;
  #unlike = 0;
  #finite = 0;
  #maxAbs = 0;
  #squares = 0;
  #ofA = 0;
  #ofB = 0;
  #dot = 0;

  add(a: Values, b: Values): void {
    checkLengths(a, b);
    let [unequal, unlike, maxAbs, squares, ofA, ofB, dot, finite] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < a.length; i++) {
      const [ofFirst, ofSecond] = [a[i] as Element, b[i] as Element];
      const isEqual = isSame(ofFirst, ofSecond);
      if (!isEqual) unequal++;
      const x = Number(ofFirst);
      const y = Number(ofSecond);
      if (!Number.isFinite(x) || !Number.isFinite(y)) {
        if (!isEqual) unlike++;
        continue;
      }
      const apart = apartBy(ofFirst, ofSecond);
      maxAbs = Math.max(maxAbs, Math.abs(apart));
      squares += apart * apart;
      ofA += x * x;
      ofB += y * y;
      dot += x * y;
      finite++;
    }
    this.#count += a.length;
    this.#unequal += unequal;
    this.#unlike += unlike;
    this.#finite += finite;
    this.#maxAbs = Math.max(this.#maxAbs, maxAbs);
    this.#squares += squares;
    this.#ofA += ofA;
    this.#ofB += ofB;
    this.#dot += dot;
  }

  result(): Difference {
    return {
      count: this.#count,
      unequal: this.#unequal,
      unlike: this.#unlike,
      maxAbs: this.#finite === 0 ? Number.NaN : this.#maxAbs,
      rms: Math.sqrt(this.#squares / this.#finite),
      relative: Math.sqrt(this.#squares / this.#ofA),
      cosine: this.#dot / Math.sqrt(this.#ofA * this.#ofB),
    };
  }
}

/** How far two elements are apart; what is not finite in one way is infinitely far from all else. */
function distance(a: Element, b: Element): number {
  if (isSame(a, b)) return 0;
  const apart = Math.abs(apartBy(a, b));
  return Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
}

/** Two elements at one place of their arrays. */
export interface Pair {
  readonly place: number;
  readonly a: number | bigint;
  readonly b: number | bigint;
}

/** The elements that are furthest apart, the furthest first; none that are equal. */
export class Furthest {
  readonly pairs: Pair[] = [];
  readonly #distances: number[] = [];

  constructor(readonly most: number) {}

  /** Takes in the elements from `first` on. Of equal distances, those that came first stay. */
  add(a: Values, b: Values, first = 0): void {
    checkLengths(a, b);
    const { pairs, most } = this;
    const distances = this.#distances;
    for (let i = 0; i < a.length; i++) {
      const apart = distance(a[i] as Element, b[i] as Element);
      if (apart === 0 || (pairs.length === most && apart <= (distances.at(-1) ?? 0))) continue;
      let at = pairs.length;
      while (at > 0 && (distances[at - 1] ?? 0) < apart) at--;
      pairs.splice(at, 0, { place: first + i, a: a[i] ?? Number.NaN, b: b[i] ?? Number.NaN });
      distances.splice(at, 0, apart);
      if (pairs.length > most) {
        pairs.pop();
        distances.pop();
      }
    }
  }
}

/** How many elements fall on each cell of a square of a against b; row 0 has the greatest b. */
export interface Scatter {
  readonly size: number;
  readonly lo: number;
  readonly hi: number;
  readonly counts: Uint32Array;
}

/** Counts elements on a square whose sides go from `lo` to `hi`; those beyond stand at its edges. */
export class ScatterCounts {
  readonly scatter: Scatter;

  constructor(size: number, lo: number, hi: number) {
    const [least, greatest] = lo === hi ? [lo - 0.5, hi + 0.5] : [lo, hi];
    this.scatter = { size, lo: least, hi: greatest, counts: new Uint32Array(size * size) };
  }

  add(a: Values, b: Values): void {
    checkLengths(a, b);
    const { size, lo, hi, counts } = this.scatter;
    // Halves first: the difference of two large numbers may be no number.
    const extent = hi / 2 - lo / 2;
    const place = (value: number) =>
      Math.max(0, Math.min(size - 1, Math.floor(((value / 2 - lo / 2) / extent) * size)));
    for (let i = 0; i < a.length; i++) {
      const x = Number(a[i]);
      const y = Number(b[i]);
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      const at = (size - 1 - place(y)) * size + place(x);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
}

export function differenceOf(a: Values, b: Values): Difference {
  const sums = new DifferenceSums();
  sums.add(a, b);
  return sums.result();
}

export function furthest(a: Values, b: Values, most: number): Pair[] {
  const found = new Furthest(most);
  found.add(a, b);
  return found.pairs;
}

/** Of the elements that are finite in both; null where there are none. */
export function scatterOf(a: Values, b: Values, size: number): Scatter | null {
  checkLengths(a, b);
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < a.length; i++) {
    const x = Number(a[i]);
    const y = Number(b[i]);
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    lo = Math.min(lo, x, y);
    hi = Math.max(hi, x, y);
  }
  if (lo > hi) return null;
  const counts = new ScatterCounts(size, lo, hi);
  counts.add(a, b);
  return counts.scatter;
}
