import type { NdArray } from '../api/npy';
import type { HistogramAxes } from '../contract/messages';

/**
 * Histograms of one tensor over the steps at which it was recorded. Bins are those of the
 * contract: `edges` are the interior ones, the first and the last bin are open.
 */
export interface Histograms {
  steps: readonly number[];
  edges: readonly number[];
  /** `[steps, bins]`. */
  counts: NdArray;
}

/** Answers of two requests, made to agree where a step was recorded between them. */
export function histogramsOf(axes: HistogramAxes, counts: NdArray): Histograms {
  const rows = Math.min(axes.steps.length, counts.shape[0] ?? 0);
  return { steps: axes.steps.slice(0, rows), edges: axes.edges, counts };
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

/** The occupied range of all steps together. */
export function occupiedOverSteps(histograms: Histograms): [number, number] | null {
  let range: [number, number] | null = null;
  for (let row = 0; row < histograms.steps.length; row++) {
    const occupied = occupiedBins(countsAt(histograms, row));
    if (occupied === null) continue;
    range = range ? [Math.min(range[0], occupied[0]), Math.max(range[1], occupied[1])] : occupied;
  }
  return range;
}

/** The ends of a bin. The open ends are the least and the greatest value, which lie within them. */
export function binEnds(
  edges: readonly number[],
  bin: number,
  min: number,
  max: number,
): [number, number] {
  const low = bin === 0 ? min : (edges[bin - 1] ?? min);
  const high = bin === edges.length ? max : (edges[bin] ?? max);
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
    const [low, high] = binEnds(edges, bin, min, max);
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
