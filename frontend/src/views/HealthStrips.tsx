import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatShort } from '../scale/format';
import type { RGBA, Scale } from '../scale/types';
import type { HealthTable } from '../state/healthMap';
import { useApp } from './appContext';
import { LINES_PER_ROW, RowPainter } from './healthPixels';
import { useKeyText } from './useKeyText';

const ROW_PX = 18;
const GAP_PX = 2;
const OVERSCAN = 6;

interface Props {
  table: HealthTable;
  scale: Scale;
  /** The step that is shown elsewhere on the page. */
  step: number | null;
  /** How far the map is: it stands where nothing moves when it goes. */
  progress: ComponentChildren;
  onOpen: (key: string, step: number) => void;
}

interface Cell {
  row: number;
  column: number;
}

function cellWords(
  { rows, columns, wholeColumns }: HealthTable,
  { row, column }: Cell,
  textOf: (key: string) => string,
): string {
  const [found, steps] = [rows[row], columns[column]];
  if (found === undefined || steps === undefined) return '';
  const [first, last] = steps;
  const range = first === last ? `step ${first}` : `steps ${first} to ${last}`;
  const at = column < wholeColumns ? range : `${range}, not all of them read yet`;
  const name = textOf(found.key);
  const bad = found.nonFinite[column] ?? Number.NaN;
  const value = found.values[column] ?? Number.NaN;
  if (Number.isNaN(bad)) return `${name}, ${at}: not recorded`;
  const badWords = bad > 0 ? `${bad.toLocaleString('en')} NaN or Inf` : '';
  const words = Number.isNaN(value) ? '' : formatShort(value, 4);
  return `${name}, ${at}: ${[words, badWords].filter(Boolean).join('; ')}`;
}

/** The colour of the page below an element, which is never transparent. */
function backgroundOf(element: Element): RGBA {
  const [red = 0, green = 0, blue = 0] =
    getComputedStyle(element).backgroundColor.match(/\d+/g)?.map(Number) ?? [];
  return [red, green, blue, 255];
}

/** One strip a tensor: only those in view are drawn, however many there are. */
export function HealthStrips({ table, scale, step, progress, onOpen }: Props) {
  const { rows, columns } = table;
  const textOf = useKeyText();
  const list = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [view, setView] = useState({ top: 0, height: 600, width: 0 });
  const [cell, setCell] = useState<Cell | null>(null);
  // Always as many of them: a canvas of another size would be another canvas to the browser.
  const count = Math.min(rows.length, Math.ceil(view.height / ROW_PX) + 1 + 2 * OVERSCAN);
  const topmost = Math.floor(view.top / ROW_PX) - OVERSCAN;
  const first = Math.max(0, Math.min(topmost, rows.length - count));
  const end = first + count;

  useLayoutEffect(() => {
    const target = list.current;
    const drawn = canvas.current;
    if (target === null || drawn === null) return;
    const measure = () =>
      setView({ top: target.scrollTop, height: target.clientHeight, width: drawn.clientWidth });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    observer.observe(drawn);
    target.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      target.removeEventListener('scroll', measure);
    };
  }, []);

  const width = Math.round(view.width * (window.devicePixelRatio || 1));
  const { dark } = useApp().page;
  const painter = useRef<RowPainter | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: in the dark the page has another colour
  useLayoutEffect(() => {
    const target = canvas.current;
    painter.current = target && new RowPainter(scale, width, backgroundOf(target));
  }, [scale, width, dark.value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what makes another painter paints anew
  useLayoutEffect(() => {
    const target = canvas.current;
    if (target === null || painter.current === null || width === 0) return;
    const height = count * LINES_PER_ROW;
    if (target.width !== width) target.width = width;
    if (target.height !== height) target.height = height;
    const pixels = painter.current.paint(rows.slice(first, end));
    target.getContext('2d', { alpha: false })?.putImageData(pixels, 0, 0);
  }, [rows, scale, width, dark.value, count, first, end]);

  const cellAt = (event: MouseEvent & { currentTarget: HTMLElement }): Cell | null => {
    const box = event.currentTarget.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns.length);
    const row = first + Math.floor((event.clientY - box.top) / ROW_PX);
    return rows[row] && columns[column] ? { row, column } : null;
  };
  const open = (chosen: Cell | null) => {
    const [key, steps] = chosen ? [rows[chosen.row]?.key, columns[chosen.column]] : [];
    if (key !== undefined && steps !== undefined) onOpen(key, steps[1]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      PageUp: [-10, 0],
      PageDown: [10, 0],
    }[event.key];
    if (event.key === 'Enter' && cell !== null) open(cell);
    else if (by !== undefined) {
      const from = cell ?? { row: first, column: columns.length - 1 };
      const [down = 0, right = 0] = cell === null ? [0, 0] : by;
      const row = Math.max(0, Math.min(from.row + down, rows.length - 1));
      const column = Math.max(0, Math.min(from.column + right, columns.length - 1));
      setCell({ row, column });
      const target = list.current;
      if (target !== null) {
        const top = row * ROW_PX;
        if (top < target.scrollTop) target.scrollTop = top;
        else if (top + ROW_PX > target.scrollTop + target.clientHeight) {
          target.scrollTop = top + ROW_PX - target.clientHeight;
        }
      }
    } else return;
    event.preventDefault();
  };
  const stepColumn = columns.findIndex(([from, to]) => step !== null && from <= step && step <= to);
  const percent = (column: number) => `${((column + 0.5) / columns.length) * 100}%`;
  return (
    <>
      <div
        class="lv-strips"
        ref={list}
        role="application"
        aria-roledescription="health map"
        aria-label={`${rows.length} tensors by ${columns.length} columns of steps. Arrow keys read the cells, Enter opens one.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes its own keys
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => setCell(null)}
      >
        <div class="lv-strips-inner" style={{ height: `${rows.length * ROW_PX}px` }}>
          <div class="lv-strips-labels" style={{ top: `${first * ROW_PX}px` }} aria-hidden="true">
            {rows.slice(first, end).map(({ key }) => (
              <div key={key} title={textOf(key)} style={{ height: `${ROW_PX}px` }}>
                <bdi>{textOf(key)}</bdi>
              </div>
            ))}
          </div>
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: the map around it takes the keys */}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
          <div
            class="lv-strips-cells"
            style={{ top: `${first * ROW_PX}px`, height: `${(end - first) * ROW_PX}px` }}
            onPointerMove={event => setCell(cellAt(event))}
            onPointerLeave={() => setCell(null)}
            onClick={event => open(cellAt(event))}
          >
            <canvas ref={canvas} />
            {stepColumn >= 0 && (
              <span class="lv-strips-step" style={{ left: percent(stepColumn) }} />
            )}
            {cell !== null && (
              <span
                class="lv-strips-cell"
                style={{
                  left: `${(cell.column / columns.length) * 100}%`,
                  width: `max(6px, ${100 / columns.length}%)`,
                  top: `${(cell.row - first) * ROW_PX}px`,
                  height: `${ROW_PX - GAP_PX}px`,
                }}
              />
            )}
          </div>
        </div>
      </div>
      <div class="lv-strips-axis">
        <span aria-hidden="true">step {columns[0]?.[0]}</span>
        {progress}
        <span aria-hidden="true">{columns.at(-1)?.[1]}</span>
      </div>
      <div class="lv-strips-readout" aria-live="polite">
        {cell
          ? cellWords(table, cell, textOf)
          : 'Point at a cell to read it; click it to open the tensor.'}
      </div>
    </>
  );
}
