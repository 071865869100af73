import { counted, formatShort } from '../scale/format';
import { binEnds, binLabel, countsAt, countWithin, type Histograms } from '../state/histogram';
import type { StepSpan } from '../state/stepSpan';

/** What the pictures of the histograms over the steps have in common. */
export interface HistoryProps {
  histograms: Histograms;
  /** The step that is shown. */
  step: number;
  onPick: (step: number) => void;
  onZoom: (span: StepSpan) => void;
}

/** A step and some adjacent bins: places in the rows and the bins that are drawn. */
export interface HistoryCell {
  readonly step: number;
  readonly bin: number;
}

export type Bins = readonly (readonly [number, number])[];

const LABELS = 5;

/** Some bins, evenly chosen, with the words for each and its place among all. */
export function binLabels(bins: Bins, edges: readonly number[]): { place: number; text: string }[] {
  return Array.from({ length: LABELS }, (_, i) => {
    const place = Math.round((i * (bins.length - 1)) / (LABELS - 1));
    const bin = bins[place] ?? [0, 1];
    return { place, text: formatShort(binLabel(edges, bin, -Infinity, Infinity)) };
  });
}

/** So many of them, evenly chosen, the first and the last among them. */
export function evenRows(count: number, most: number): number[] {
  const chosen = Math.min(count, most);
  return Array.from({ length: chosen }, (_, i) =>
    chosen < 2 ? 0 : Math.round((i * (count - 1)) / (chosen - 1)),
  );
}

/** The place of the last drawn step that is not after `step`; -1 where that is none of those that are looked at. */
export function placeOfStep(histograms: Histograms, rows: readonly number[], step: number): number {
  if (step > (histograms.steps.at(-1) ?? step)) return -1;
  return rows.findLastIndex(row => (histograms.steps[row] ?? 0) <= step);
}

export function clampTo(place: number, count: number): number {
  return Math.max(0, Math.min(place, count - 1));
}

/** What is counted in a cell. */
export function cellWords(
  histograms: Histograms,
  rows: readonly number[],
  bins: Bins,
  { step, bin }: HistoryCell,
): string {
  const [row, ends] = [rows[step], bins[bin]];
  if (row === undefined || ends === undefined) return '';
  const [low, high] = binEnds(histograms.edges, ends, -Infinity, Infinity).map(end =>
    formatShort(end),
  );
  const count = countWithin(countsAt(histograms, row), ends);
  return `step ${histograms.steps[row]}, ${low} to ${high}: ${counted(count, 'element')}`;
}

/** Half of what is seen, around a place of it; null where there is nothing between to be seen. */
export function zoomedIn(steps: readonly number[], place: number): StepSpan {
  const half = Math.floor(steps.length / 2);
  const start = Math.max(0, Math.min(place - Math.floor(half / 2), steps.length - 1 - half));
  const [first, last] = [steps[start], steps[start + half]];
  return steps.length < 3 || first === undefined || last === undefined ? null : [first, last];
}

/** Twice of what is seen, as far on both sides. */
export function zoomedOut(steps: readonly number[]): StepSpan {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return null;
  const more = Math.max(1, (last - first) / 2);
  return [first - more, last + more];
}
