import { COLOR_COUNT } from './looks';
import type { Transform } from './types';

/** Symlog is linear within this share of the greatest magnitude, so three decades are spread out. */
const SYMLOG_LINEAR_SHARE = 1e-3;

/** A monotonic map of the values between `lo` and `hi` onto [0, 1], and its inverse. */
export interface Spread {
  /** @param value a number from `lo` to `hi`. */
  readonly forward: (value: number) => number;
  readonly inverse: (place: number) => number;
}

function blend(from: number, to: number, share: number): number {
  // Not from + (to - from) * share: the difference of two doubles may overflow.
  return from * (1 - share) + to * share;
}

/** The place of a value between two others, 0 to 1. Called for every element: one call, no more. */
function placing(from: number, to: number, bend: Bend['bend'] | null): Spread['forward'] {
  const span = to - from;
  // Halves do not overflow; but the smallest numbers have none.
  if (!Number.isFinite(span)) {
    const half = to / 2 - from / 2;
    return value => ((bend?.(value) ?? value) / 2 - from / 2) / half;
  }
  return bend === null ? value => (value - from) / span : value => (bend(value) - from) / span;
}

/** The function under a transform, and its inverse. `constant` is symlog's c. */
export interface Bend {
  readonly bend: (value: number) => number;
  readonly unbend: (bent: number) => number;
  readonly constant: number;
}

/**
 * The function that is linear in the colours of a range. Symlog is sign(x) log(1 + |x| / c):
 * Webber, "A bi-symmetric log transformation for wide-range data", Measurement Science and
 * Technology 24 (2013).
 */
export function bendOf(transform: Transform, lo: number, hi: number): Bend {
  const constant = Math.max(Math.abs(lo), Math.abs(hi)) * SYMLOG_LINEAR_SHARE;
  switch (transform) {
    case 'linear':
      return { bend: value => value, unbend: bent => bent, constant };
    case 'log':
      return { bend: Math.log, unbend: Math.exp, constant };
    case 'symlog':
      return {
        bend: value => Math.sign(value) * Math.log1p(Math.abs(value) / constant),
        unbend: bent => Math.sign(bent) * constant * Math.expm1(Math.abs(bent)),
        constant,
      };
  }
}

/**
 * How a transform spreads the values from `lo` to `hi`, with `lo` < `hi`, both finite, and for
 * `log` both above zero.
 */
export function spreadOf(transform: Transform, lo: number, hi: number): Spread {
  const { bend, unbend } = bendOf(transform, lo, hi);
  const from = bend(lo);
  const to = bend(hi);
  return {
    forward: placing(from, to, transform === 'linear' ? null : bend),
    inverse: place => Math.min(hi, Math.max(lo, unbend(blend(from, to, place)))),
  };
}

/**
 * The 255 ascending borders between the 256 colours. Where all values are one (`lo` equals `hi`)
 * it gets the middle colour; where there is none (NaN) the borders are unreachable.
 */
export function edgesOf(transform: Transform, lo: number, hi: number): Float64Array {
  const edges = new Float64Array(COLOR_COUNT - 1).fill(Number.POSITIVE_INFINITY);
  if (lo === hi) edges.fill(lo, 0, COLOR_COUNT / 2);
  if (!(lo < hi)) return edges;
  const { inverse } = spreadOf(transform, lo, hi);
  let previous = lo;
  for (let i = 0; i < edges.length; i++) {
    // Rounding may turn neighbours around where a range is only a few doubles wide.
    previous = Math.max(previous, inverse((i + 1) / COLOR_COUNT));
    edges[i] = previous;
  }
  return edges;
}
