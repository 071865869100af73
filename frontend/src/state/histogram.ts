import type { NdArray } from '../api/npy';
import type { HistogramAxes } from '../contract/messages';

/**
 * Histograms of one tensor over the steps at which it was recorded. Bins are those of the
 * contract: `edges` are the interior ones, the first and the last bin are open.
 */
export interface Histograms {
  steps: readonly number[];
  /** Of how many steps these were chosen. */
  available: number;
  edges: readonly number[];
  /** `[steps, bins]`. */
  counts: NdArray;
}

/** Answers of two requests, made to agree where a step was recorded between them. */
export function histogramsOf(axes: HistogramAxes, counts: NdArray): Histograms {
  const rows = Math.min(axes.steps.length, counts.shape[0] ?? 0);
  const { steps, available, edges } = axes;
  return { steps: steps.slice(0, rows), available, edges, counts };
}

/** The counts of one recorded step, a number a bin. */
export function countsAt({ counts, edges }: Histograms, row: number): number[] {
  const [rowStride = 0, binStride = 0] = counts.strides;
  return Array.from({ length: edges.length + 1 }, (_, bin) =>
    Number(counts.values[row * rowStride + bin * binStride] ?? 0),
  );
}

/** The first bin that holds something and the first after all that do; null of an empty histogram. */
export function occupiedBins(counts: readonly number[]): [number, number] | null {
  const first = counts.findIndex(count => count > 0);
  return first < 0 ? null : [first, counts.findLastIndex(count => count > 0) + 1];
}

/** All steps together, a number a bin. */
export function countsOverSteps(histograms: Histograms): number[] {
  const total = new Array<number>(histograms.edges.length + 1).fill(0);
  for (let row = 0; row < histograms.steps.length; row++) {
    countsAt(histograms, row).forEach((count, bin) => {
      total[bin] = (total[bin] ?? 0) + count;
    });
  }
  return total;
}

/** Of the elements that are not around zero, so many may stand in the merged bins of a symlog axis. */
const MERGED_SHARE = 0.01;

/**
 * The bins of a symlog axis, as `[first, end)` of the stored ones: all that are occupied, but
 * those nearest to zero made one as long as hardly any element is in them. Without that, the forty
 * octaves below 1, mostly empty, would take nearly all of the axis.
 */
export function symlogBins(
  counts: readonly number[],
  edges: readonly number[],
): [number, number][] {
  const occupied = occupiedBins(counts);
  if (occupied === null) return [];
  const [first, end] = occupied;
  const centre = centreBin(edges);
  const countOf = (bin: number) => (bin === centre ? 0 : (counts[bin] ?? 0));
  const outside = counts.reduce((sum, _, bin) => sum + countOf(bin), 0);
  let reach = 0;
  let merged = 0;
  while (centre - reach > first || centre + reach < end - 1) {
    merged += countOf(centre - reach - 1) + countOf(centre + reach + 1);
    if (merged > outside * MERGED_SHARE) break;
    reach += 1;
  }
  const range = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, i): [number, number] => [
      from + i,
      from + i + 1,
    ]);
  const [mergedFrom, mergedTo] = [
    Math.max(first, centre - reach),
    Math.min(end, centre + reach + 1),
  ];
  if (mergedFrom >= mergedTo) return range(first, end);
  return [...range(first, mergedFrom), [mergedFrom, mergedTo], ...range(mergedTo, end)];
}

/** The lower end of adjacent bins, to label them with: that around zero is 0. */
export function binLabel(
  edges: readonly number[],
  bins: readonly [number, number],
  min: number,
  max: number,
): number {
  const [low, high] = binEnds(edges, bins, min, max);
  if (low <= 0 && high > 0) return 0;
  return Number.isFinite(low) ? low : high;
}

/** The sum of the counts of some bins. */
export function countWithin(
  counts: readonly number[],
  [first, end]: readonly [number, number],
): number {
  return counts.slice(first, end).reduce((sum, count) => sum + count, 0);
}

/** The ends of adjacent bins. The open ends are the least and the greatest value, which lie within them. */
export function binEnds(
  edges: readonly number[],
  [first, end]: readonly [number, number],
  min: number,
  max: number,
): [number, number] {
  const low = first === 0 ? min : (edges[first - 1] ?? min);
  const high = end > edges.length ? max : (edges[end - 1] ?? max);
  return [Math.max(low, min), Math.min(high, max)];
}

/** Which bin holds zero: the one around the middle edge pair. */
export function centreBin(edges: readonly number[]): number {
  return edges.findIndex(edge => edge > 0);
}

/**
 * Share of the elements per unit of value, in `columns` equal parts of `min` to `max`: each bin's
 * count is spread evenly over the bin, clipped to the range of the data. Exact zeros (`zeros` of
 * the centre bin) are left out: as a point mass they have no density.
 */
export function densityOf(
  counts: readonly number[],
  edges: readonly number[],
  [min, max]: readonly [number, number],
  zeros: number,
  columns: number,
): Float64Array {
  const density = new Float64Array(columns);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const columnWidth = (max - min) / columns;
  if (total === 0 || !(columnWidth > 0)) return density;
  const zeroBin = centreBin(edges);
  counts.forEach((binCount, bin) => {
    const count = bin === zeroBin ? Math.max(0, binCount - zeros) : binCount;
    const [low, high] = binEnds(edges, [bin, bin + 1], min, max);
    if (count === 0 || high < low) return;
    const width = high - low;
    const firstColumn = Math.max(0, Math.min(columns - 1, Math.floor((low - min) / columnWidth)));
    const lastColumn = Math.max(
      firstColumn,
      Math.min(columns - 1, Math.ceil((high - min) / columnWidth) - 1),
    );
    for (let column = firstColumn; column <= lastColumn; column++) {
      const from = Math.max(low, min + column * columnWidth);
      const to = Math.min(high, min + (column + 1) * columnWidth);
      const share = width > 0 ? Math.max(0, to - from) / width : 1 / (lastColumn - firstColumn + 1);
      density[column] = (density[column] ?? 0) + (count * share) / total / columnWidth;
    }
  });
  return density;
}
