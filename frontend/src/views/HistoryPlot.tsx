import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { formatShort } from '../scale/format';
import { binEnds, countsAt, countWithin, type Histograms } from '../state/histogram';

/** A step and some adjacent bins: places in `rows` and in `bins`. */
export interface HistoryCell {
  readonly step: number;
  readonly bin: number;
}

interface Props {
  class: string;
  histograms: Histograms;
  /** The recorded steps that are drawn, as rows of the histograms. */
  rows: readonly number[];
  bins: readonly (readonly [number, number])[];
  /** The steps by the arrows left and right, or by those up and down. */
  stepsBy: 'columns' | 'lines';
  /** What is under the pointer. */
  cellAt: (event: MouseEvent & { currentTarget: HTMLElement }) => HistoryCell;
  onPick: (step: number) => void;
  children: (cell: HistoryCell | null) => ComponentChildren;
}

type Move = readonly [steps: number, bins: number];

const MOVES: Readonly<Record<Props['stepsBy'], Readonly<Record<string, Move>>>> = {
  // Bins go from the greatest values down, where steps are columns; from the least on, where lines.
  columns: { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] },
  lines: { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] },
};

function clamp(value: number, count: number): number {
  return Math.max(0, Math.min(value, count - 1));
}

/** Histograms of many steps in one picture, read by pointer and keys; one picks a step. */
export function HistoryPlot(props: Props) {
  const { histograms, rows, bins, stepsBy, cellAt, onPick, children } = props;
  const [cell, setCell] = useState<HistoryCell | null>(null);
  const pick = (chosen: HistoryCell | null) => {
    const step = histograms.steps[rows[chosen?.step ?? -1] ?? -1];
    if (step !== undefined) onPick(step);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = MOVES[stepsBy][event.key];
    if (event.key === 'Enter') pick(cell);
    else if (move !== undefined) {
      const from = cell ?? { step: rows.length - 1, bin: Math.floor(bins.length / 2) };
      const [steps, along] = cell === null ? [0, 0] : move;
      setCell({
        step: clamp(from.step + steps, rows.length),
        bin: clamp(from.bin + along, bins.length),
      });
    } else return;
    event.preventDefault();
  };
  return (
    <>
      <div
        class={props.class}
        role="application"
        aria-roledescription="histograms over the steps"
        aria-label={`Histograms of ${histograms.steps.length} steps side by side. Arrow keys read them, Enter goes to a step.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes its own keys
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => setCell(null)}
        onClick={event => pick(cellAt(event))}
        onPointerMove={event => setCell(cellAt(event))}
        onPointerLeave={() => setCell(null)}
      >
        {children(cell)}
      </div>
      <div class="lv-chart-note" aria-live="polite">
        {cell && cellWords(histograms, rows, bins, cell)}
      </div>
    </>
  );
}

function cellWords(
  histograms: Histograms,
  rows: Props['rows'],
  bins: Props['bins'],
  { step, bin }: HistoryCell,
): string {
  const [row, ends] = [rows[step], bins[bin]];
  if (row === undefined || ends === undefined) return '';
  const [low, high] = binEnds(histograms.edges, ends, -Infinity, Infinity).map(end =>
    formatShort(end),
  );
  const count = countWithin(countsAt(histograms, row), ends).toLocaleString('en');
  return `step ${histograms.steps[row]}, ${low} to ${high}: ${count} elements`;
}
