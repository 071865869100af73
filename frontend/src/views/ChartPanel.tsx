import type { Signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { formatShort } from '../scale/format';
import type { AxisKind, ChartChoice } from '../state/chartChoice';
import type { ChartLine } from '../state/chartData';
import { isShare } from '../state/measures';
import { useApp } from './appContext';
import type { LineLook } from './chartLooks';
import {
  badMarks,
  flattened,
  LINE_WIDTH,
  lonePlaces,
  percentText,
  plotAxes,
  stepMark,
  themeColors,
} from './plot';

const HEIGHT_PX = 260;
/** Fewer points than this are marked, so that one sees where the steps are. */
const MAX_MARKED_POINTS = 60;
/** How near to a line the pointer is for a click to mean it. */
const NEAR_PX = 30;
/** A drag over less than this is a click. */
const DRAG_PX = 6;
const SIGNED = new Set(['mean', 'min', 'max']);

interface Props {
  title: string;
  lines: readonly ChartLine[];
  looks: readonly LineLook[];
  axis: AxisKind;
  span: ChartChoice['span'];
  /** The step under the pointer, of all panels. */
  hovered: Signal<number | null>;
  onOpen: (line: ChartLine, step: number) => void;
  onZoom: (span: ChartChoice['span']) => void;
}

function scaleOf(lines: readonly ChartLine[], axis: AxisKind): uPlot.Scale {
  if (axis === 'linear') return {};
  if (!lines.some(({ measure }) => SIGNED.has(measure))) return { distr: 3 };
  return flattened(lines.map(({ values }) => values));
}

/** The lines over all of their steps together; a gap is null, a step of other runs undefined. */
function joined(lines: readonly ChartLine[], isLog: boolean): uPlot.AlignedData {
  const pointsOf = ({ values }: ChartLine) =>
    Array.from(values, value => (Number.isFinite(value) && !(isLog && value <= 0) ? value : null));
  const tables = lines.map(
    (line): uPlot.AlignedData => [line.blocks.map(([first]) => first), pointsOf(line)],
  );
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}

/** Statistics over the steps: a line for each tensor and run, which a click opens. */
export function ChartPanel(props: Props) {
  const { title, lines, looks, axis, span } = props;
  const { page, view } = useApp();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const step = view.step.value;
  const shownStep = useRef(step);
  shownStep.current = step;
  const dark = page.dark.value;
  const isOfShares = lines.every(({ measure }) => isShare(measure));

  // biome-ignore lint/correctness/useExhaustiveDependencies: what else changes is read from `latest`
  useLayoutEffect(() => {
    const target = box.current;
    if (target === null) return;
    const color = themeColors(target);
    const words = (value: number) =>
      isOfShares ? percentText(value, formatShort) : formatShort(value);
    let focused: number | null = null;
    let dragged = false;
    const scale = scaleOf(lines, axis);
    const created = new uPlot(
      {
        width: target.clientWidth || 1,
        height: HEIGHT_PX,
        scales: { x: { time: false, ...(span ? { range: () => [...span] } : {}) }, y: scale },
        axes: plotAxes(color, words),
        legend: { show: false },
        focus: { alpha: 0.35 },
        cursor: {
          drag: { x: true, y: false, setScale: false },
          focus: { prox: NEAR_PX },
          points: { size: 6 },
          sync: { key: 'lv-charts' },
        },
        hooks: {
          setCursor: [
            ({ cursor, data }) => {
              const at = cursor.idx;
              const isOver = at !== null && at !== undefined && (cursor.left ?? -1) >= 0;
              latest.current.hovered.value = isOver ? (data[0][at] ?? null) : null;
            },
          ],
          setSeries: [
            (_chart, place) => {
              focused = place === null ? null : place - 1;
            },
          ],
          setSelect: [
            drawn => {
              const { left, width } = drawn.select;
              dragged = width >= DRAG_PX;
              if (!dragged) return;
              const ends = [left, left + width].map(x => drawn.posToVal(x, 'x'));
              drawn.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              const [from = 0, to = 0] = ends;
              latest.current.onZoom([Math.ceil(from), Math.floor(to)]);
            },
          ],
        },
        series: [
          { label: 'step' },
          ...lines.map(({ run, key, measure, values }, i) => ({
            label: `${run} ${key} ${measure}`,
            stroke: color(looks[i]?.color ?? '--lv-series-1'),
            dash: [...(looks[i]?.dash ?? [])],
            width: LINE_WIDTH,
            points: {
              show: true,
              size: 4,
              filter: (drawn: uPlot, place: number) =>
                values.length <= MAX_MARKED_POINTS ? null : lonePlaces(drawn.data[place] ?? []),
            },
          })),
        ],
        plugins: [
          stepMark(() => shownStep.current, color('--lv-accent')),
          badMarks(() => badSteps(lines), color('--lv-danger')),
        ],
      },
      joined(lines, scale.distr === 3),
      target,
    );
    chart.current = created;
    created.over.addEventListener('click', () => {
      if (dragged) {
        dragged = false;
        return;
      }
      const at = created.cursor.idx;
      const { lines: drawn, onOpen } = latest.current;
      const line = drawn.length === 1 ? drawn[0] : focused === null ? undefined : drawn[focused];
      const under = at === null || at === undefined ? undefined : created.data[0][at];
      if (line !== undefined && under !== undefined) onOpen(line, under);
    });
    created.over.addEventListener('dblclick', () => latest.current.onZoom(null));
    const observer = new ResizeObserver(() => {
      if (target.clientWidth > 0) created.setSize({ width: target.clientWidth, height: HEIGHT_PX });
    });
    observer.observe(target);
    return () => {
      observer.disconnect();
      created.destroy();
      chart.current = null;
      latest.current.hovered.value = null;
    };
  }, [dark, lines, looks, axis, span]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the mark is drawn anew when the step changes
  useEffect(() => chart.current?.redraw(false), [step]);

  return (
    <figure class="lv-line-chart lv-chart-panel" aria-label={`${title} over the steps`}>
      <figcaption>{title}</figcaption>
      <div ref={box} />
    </figure>
  );
}

function badSteps(lines: readonly ChartLine[]): Set<number> {
  return new Set(
    lines.flatMap(({ blocks, nonFinite }) =>
      blocks.flatMap(([first], i) => ((nonFinite[i] ?? 0) > 0 ? [first] : [])),
    ),
  );
}
