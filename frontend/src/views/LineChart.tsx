import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { formatShort } from '../scale/format';
import type { StepSpan } from '../state/stepSpan';
import { useApp } from './appContext';
import {
  LINE_WIDTH,
  lonePlaces,
  PLOT_HEIGHT_PX,
  percentText,
  plotAxes,
  stepScale,
  stepZoom,
  themeColors,
} from './plot';
import { stepMark } from './plotMarks';

/** Fewer points than this are marked, so that a lone one is seen. */
const MAX_MARKED_POINTS = 60;

export interface Series {
  label: string;
  values: Float64Array;
  /** The name of a colour of the theme. */
  color: string;
}

/** A share of nothing at all still wants an axis. */
const LEAST_SHARE = 0.01;
const HEADROOM = 1.05;

const SCALES = {
  linear: {},
  logarithmic: { distr: 3 },
  share: {
    range: (_chart: uPlot, _min: number, max: number): uPlot.Range.MinMax => [
      0,
      Math.max(max * HEADROOM, LEAST_SHARE),
    ],
  },
} satisfies Record<string, uPlot.Scale>;

interface Props {
  title: string;
  steps: readonly number[];
  series: readonly Series[];
  /** How the axis of values runs; a logarithmic one leaves out what is not positive. */
  axis?: keyof typeof SCALES;
  step: number | null;
  span?: StepSpan;
  onPick: (step: number) => void;
  /** Where steps can be chosen to be seen alone. */
  onZoom?: (span: StepSpan) => void;
}

function points(values: Float64Array, axis: keyof typeof SCALES): (number | null)[] {
  return Array.from(values, value =>
    Number.isFinite(value) && !(axis === 'logarithmic' && value <= 0) ? value : null,
  );
}

/** Statistics over the steps. A click goes to the step under the pointer. */
export function LineChart(props: Props) {
  const { title, steps, series, axis = 'linear', step, span = null } = props;
  const { page } = useApp();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const hovered = useSignal<number | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const words = (value: number, digits?: number) => {
    const format = (number: number) => formatShort(number, digits);
    return axis === 'share' ? percentText(value, format) : format(value);
  };
  const dark = page.dark.value;
  const names = series.map(({ label, color }) => `${label} ${color}`).join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: new data is set below, on the same chart
  useLayoutEffect(() => {
    const target = box.current;
    if (target === null) return;
    const color = themeColors(target);
    const pickPointed = ({ cursor, data }: uPlot) => {
      const picked = data[0][cursor.idx ?? -1];
      return picked === undefined ? null : () => latest.current.onPick(picked);
    };
    const zoomActions = () => ({
      span,
      onZoom: (next: StepSpan) => latest.current.onZoom?.(next),
      clicked: pickPointed,
    });
    const created = new uPlot(
      {
        width: target.clientWidth || 1,
        height: PLOT_HEIGHT_PX,
        scales: { x: stepScale(span), y: SCALES[axis] },
        axes: plotAxes(color, words),
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        legend: { show: false },
        hooks: {
          setCursor: [
            drawn => {
              hovered.value = drawn.cursor.idx ?? null;
            },
          ],
        },
        series: [
          { label: 'step' },
          ...series.map(({ label, color: name }) => ({
            label,
            stroke: color(name),
            width: LINE_WIDTH,
            points: {
              show: true,
              size: 4,
              // Of a long run only what no line leads to, which would not be seen.
              filter: (drawn: uPlot, place: number) =>
                drawn.data[0].length <= MAX_MARKED_POINTS
                  ? null
                  : lonePlaces(drawn.data[place] ?? []),
            },
          })),
        ],
        plugins: [
          ...(latest.current.onZoom === undefined ? [] : [stepZoom(zoomActions)]),
          stepMark(() => latest.current.step, color('--lv-accent')),
        ],
      },
      [[...steps], ...series.map(({ values }) => points(values, axis))],
      target,
    );
    chart.current = created;
    if (latest.current.onZoom === undefined) {
      created.over.addEventListener('click', () => pickPointed(created)?.());
    }
    const observer = new ResizeObserver(() => {
      if (target.clientWidth > 0)
        created.setSize({ width: target.clientWidth, height: PLOT_HEIGHT_PX });
    });
    observer.observe(target);
    return () => {
      observer.disconnect();
      created.destroy();
      chart.current = null;
    };
  }, [dark, names, axis, span]);

  useEffect(() => {
    chart.current?.setData([[...steps], ...series.map(({ values }) => points(values, axis))]);
  }, [steps, series, axis]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the mark is drawn anew when the step changes
  useEffect(() => chart.current?.redraw(false), [step]);

  const at = hovered.value ?? (step === null ? -1 : steps.indexOf(step));
  return (
    <figure class="lv-line-chart">
      <figcaption>
        {title}
        <span class="lv-muted">step {steps[at]}</span>
      </figcaption>
      <dl class="lv-line-values">
        {series.map(({ label, values, color }) => (
          <div key={label}>
            <dt>
              <span class="lv-line-swatch" style={{ background: `var(${color})` }} />
              {label}
            </dt>
            <dd>{Number.isNaN(values[at] ?? Number.NaN) ? 'none' : words(values[at] ?? 0, 4)}</dd>
          </div>
        ))}
      </dl>
      <div ref={box} />
    </figure>
  );
}
