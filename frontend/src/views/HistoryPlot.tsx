import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { counted } from '../scale/format';
import { shareOfSteps } from '../state/stepSpan';
import {
  type Bins,
  cellWords,
  clampTo,
  type HistoryCell,
  type HistoryProps,
  zoomedIn,
  zoomedOut,
} from './historyPicture';
import { DRAG_PX } from './plot';

interface Props extends Omit<HistoryProps, 'step'> {
  class: string;
  /** The recorded steps that are drawn, as rows of the histograms. */
  rows: readonly number[];
  bins: Bins;
  /** The steps by the arrows left and right, or by those up and down. */
  stepsBy: 'columns' | 'lines';
  /** What is under the pointer. */
  cellAt: (event: MouseEvent & { currentTarget: HTMLElement }) => HistoryCell;
  /** `span` are the places of steps over which the pointer is being drawn. */
  children: (
    cell: HistoryCell | null,
    span: readonly [first: number, last: number] | null,
  ) => ComponentChildren;
}

type Move = readonly [steps: number, bins: number];

const MOVES: Readonly<Record<Props['stepsBy'], Readonly<Record<string, Move>>>> = {
  // Bins go from the greatest values down, where steps are columns; from the least on, where lines.
  columns: { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] },
  lines: { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] },
};

interface Drag {
  readonly x: number;
  readonly y: number;
  readonly from: number;
}

/** Histograms of many steps in one picture, read by pointer and keys; one picks a step, or some. */
export function HistoryPlot(props: Props) {
  const { histograms, rows, bins, stepsBy, cellAt, onPick, onZoom, children } = props;
  const [cell, setCell] = useState<HistoryCell | null>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const hasDragged = useRef(false);
  const stepOf = (place: number) => histograms.steps[rows[place] ?? -1];
  const pick = (chosen: HistoryCell | null) => {
    const step = chosen === null ? undefined : stepOf(chosen.step);
    if (step !== undefined) onPick(step);
  };
  const spanTo = (place: number): [number, number] | null =>
    drag && [Math.min(drag.from, place), Math.max(drag.from, place)];
  const zoom = (key: string): boolean => {
    const { steps } = histograms;
    if (key === '0') onZoom(null);
    else if (key === '-') onZoom(zoomedOut(steps));
    else if (key === '+' || key === '=') {
      const span = zoomedIn(steps, rows[cell?.step ?? rows.length - 1] ?? 0);
      if (span !== null) onZoom(span);
    } else return false;
    setCell(null);
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = MOVES[stepsBy][event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter') pick(cell);
    else if (move !== undefined) {
      const from = cell ?? { step: rows.length - 1, bin: Math.floor(bins.length / 2) };
      const [steps, along] = cell === null ? [0, 0] : move;
      setCell({
        step: clampTo(from.step + steps, rows.length),
        bin: clampTo(from.bin + along, bins.length),
      });
    } else if (!zoom(event.key)) return;
    event.preventDefault();
  };
  const onPointerUp = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    setDrag(null);
    if (drag === null) return;
    hasDragged.current = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) >= DRAG_PX;
    const span = spanTo(cellAt(event).step)?.map(stepOf);
    const [first, last] = span ?? [];
    if (hasDragged.current && first !== undefined && last !== undefined && first < last) {
      onZoom([first, last]);
    }
  };
  return (
    <>
      <div
        class={props.class}
        role="application"
        aria-roledescription="histograms over the steps"
        aria-label={`Histograms of ${counted(rows.length, 'step')} side by side. Arrow keys read them, Enter goes to a step, plus shows fewer steps, minus more, 0 all.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes its own keys
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => setCell(null)}
        onPointerDown={event => {
          hasDragged.current = false;
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ x: event.clientX, y: event.clientY, from: cellAt(event).step });
        }}
        onPointerMove={event => setCell(cellAt(event))}
        onPointerUp={onPointerUp}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setCell(null)}
        onClick={event => {
          if (!hasDragged.current) pick(cellAt(event));
        }}
        onDblClick={() => onZoom(null)}
      >
        {children(cell, cell && spanTo(cell.step))}
      </div>
      <div class="lv-chart-note">
        <span aria-live="polite">{cell && cellWords(histograms, rows, bins, cell)}</span>
        <span class="lv-history-share">{shareOfSteps(rows.length, histograms.available)}</span>
      </div>
    </>
  );
}
