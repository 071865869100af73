import { binEnds, centreBin } from './histogram';

/** The percentiles that are drawn, the median in the middle. */
export const PERCENTILES = [1, 5, 25, 50, 75, 95, 99] as const;

/** What is known of the elements of a tensor at one step beside their histogram. */
export interface Known {
  /** The least and the greatest finite element. */
  readonly min: number;
  readonly max: number;
  /** How many are exactly zero. */
  readonly zero: number;
}

const PERCENT = 100;

/**
 * Percentiles of the finite elements of a histogram: NumPy's `percentile` (its method `linear`) of
 * elements that lie evenly in each bin. So each is off by the width of a bin at most, that is by a
 * quarter of the largest power of two below it; all are between the least and the greatest element,
 * and zeros are zeros. NaN where there is nothing finite.
 */
export function percentilesOf(
  counts: readonly number[],
  edges: readonly number[],
  { min, max, zero }: Known,
  wanted: readonly number[] = PERCENTILES,
): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0 || Number.isNaN(min) || Number.isNaN(max)) return wanted.map(() => Number.NaN);
  const centre = centreBin(edges);
  const ends = [0];
  for (const count of counts) ends.push((ends.at(-1) ?? 0) + count);
  /** The element at a place of all of them in ascending order. */
  const elementAt = (place: number): number => {
    const bin = ends.findIndex(end => end > place) - 1;
    // Around zero nobody can tell 1e-13 from 0 in a picture; zeros must not seem to be something.
    if (bin === centre && zero > 0) return 0;
    const [low, high] = binEnds(edges, [bin, bin + 1], min, max);
    const before = ends[bin] ?? 0;
    const share = (place - before + 0.5) / (counts[bin] ?? 1);
    return low + share * Math.max(0, high - low);
  };
  return wanted.map(percent => {
    const place = (percent / PERCENT) * (total - 1);
    const below = elementAt(Math.floor(place));
    const above = elementAt(Math.ceil(place));
    return below + (place - Math.floor(place)) * (above - below);
  });
}
