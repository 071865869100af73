import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { formatShort } from '../scale/format';
import type { AxisKind } from '../state/chartChoice';
import type { ChartLine } from '../state/chartLines';
import { isShare } from '../state/measures';
import type { StepSpan } from '../state/stepSpan';
import { useApp } from './appContext';
import type { LineLook } from './chartLooks';
import {
  flattened,
  lineOf,
  percentText,
  plotAxes,
  pointsOf,
  stepScale,
  stepZoom,
  themeColors,
} from './plot';
import { badMarks, stepMark } from './plotMarks';
import { usePlot } from './usePlot';

const HEIGHT_PX = 260;
/** How near to a line the pointer is for a click to mean it. */
const NEAR_PX = 30;
const SIGNED = new Set(['mean', 'min', 'max']);

interface Props {
  title: string;
  lines: readonly ChartLine[];
  looks: readonly LineLook[];
  axis: AxisKind;
  span: StepSpan;
  /** The step under the pointer, of all panels. */
  hovered: Signal<number | null>;
  onOpen: (line: ChartLine, step: number) => void;
  onZoom: (span: StepSpan) => void;
}

function scaleOf(lines: readonly ChartLine[], axis: AxisKind): uPlot.Scale {
  if (axis === 'linear') return {};
  if (!lines.some(({ measure }) => SIGNED.has(measure))) return { distr: 3 };
  return flattened(lines.map(({ values }) => values));
}

/** The lines over all of their steps together; a gap is null, a step of other runs undefined. */
function joined(lines: readonly ChartLine[], isLog: boolean): uPlot.AlignedData {
  const tables = lines.map(
    (line): uPlot.AlignedData => [
      line.blocks.map(([first]) => first),
      pointsOf(line.values, isLog),
    ],
  );
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}

/** Statistics over the steps: a line for each tensor and run, which a click opens. */
export function ChartPanel(props: Props) {
  const { title, lines, looks, axis, span } = props;
  const { page, view } = useApp();
  const latest = useRef(props);
  latest.current = props;
  const step = view.step.value;
  const shownStep = useRef(step);
  shownStep.current = step;
  const isOfShares = lines.every(({ measure }) => isShare(measure));
  const make = (target: HTMLElement) => {
    const color = themeColors(target);
    const words = (value: number) =>
      isOfShares ? percentText(value, formatShort) : formatShort(value);
    let focused: number | null = null;
    const openFocused = (drawn: uPlot) => {
      const at = drawn.cursor.idx;
      const line = lines.length === 1 ? lines[0] : focused === null ? undefined : lines[focused];
      const under = at === null || at === undefined ? undefined : drawn.data[0][at];
      if (line === undefined || under === undefined) return null;
      return () => latest.current.onOpen(line, under);
    };
    const scale = scaleOf(lines, axis);
    const options = {
      scales: { x: stepScale(span), y: scale },
      axes: plotAxes(color, words),
      legend: { show: false },
      focus: { alpha: 0.35 },
      cursor: {
        focus: { prox: NEAR_PX },
        points: { size: 6 },
        sync: { key: 'lv-charts' },
      },
      hooks: {
        setCursor: [
          ({ cursor, data }: uPlot) => {
            const at = cursor.idx;
            const isOver = at !== null && at !== undefined && (cursor.left ?? -1) >= 0;
            latest.current.hovered.value = isOver ? (data[0][at] ?? null) : null;
          },
        ],
        setSeries: [
          (_chart: uPlot, place: number | null) => {
            focused = place === null ? null : place - 1;
          },
        ],
        destroy: [
          () => {
            latest.current.hovered.value = null;
          },
        ],
      },
      series: [
        { label: 'step' },
        ...lines.map(({ run, key, measure }, i) =>
          lineOf(
            `${run} ${key} ${measure}`,
            color(looks[i]?.color ?? '--lv-series-1'),
            looks[i]?.dash,
          ),
        ),
      ],
      plugins: [
        stepZoom(() => ({ ...latest.current, clicked: openFocused })),
        stepMark(() => shownStep.current, color('--lv-accent')),
        badMarks(() => badSteps(lines), color('--lv-danger')),
      ],
    };
    return { options, data: joined(lines, scale.distr === 3) };
  };
  const [box] = usePlot(HEIGHT_PX, step, make, [page.dark.value, lines, looks, axis, span]);

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
