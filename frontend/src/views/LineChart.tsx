import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { formatShort } from '../scale/format';
import type { StepSpan } from '../state/stepSpan';
import { nearestIndex } from '../state/steps';
import { useApp } from './appContext';
import {
  followPointer,
  lineOf,
  PLOT_HEIGHT_PX,
  percentText,
  plotAxes,
  pointsOf,
  stepScale,
  stepZoom,
  themeColors,
} from './plot';
import { stepMark } from './plotMarks';
import { usePlot } from './usePlot';

export interface Series {
  label: string;
  values: Float64Array;
  /** The name of a colour of the theme. */
  color: string;
}

/** A share of nothing at all still wants an axis. */
const LEAST_SHARE = 0.01;
const HEADROOM = 1.05;
const DIGITS = 4;

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
  span: StepSpan;
  onPick: (step: number) => void;
  onZoom: (span: StepSpan) => void;
}

function dataOf({ steps, series, axis }: Props): uPlot.AlignedData {
  return [[...steps], ...series.map(({ values }) => pointsOf(values, axis === 'logarithmic'))];
}

/** Statistics of a tensor over the steps. A click goes to the step under the pointer. */
export function LineChart(props: Props) {
  const { title, steps, series, axis = 'linear', step, span } = props;
  const { page } = useApp();
  const hovered = useSignal<number | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const words = (value: number, digits?: number) => {
    const format = (number: number) => formatShort(number, digits);
    return axis === 'share' ? percentText(value, format) : format(value);
  };
  const names = series.map(({ label, color }) => `${label} ${color}`).join();
  const make = (target: HTMLElement) => {
    const color = themeColors(target);
    const pickPointed = ({ cursor, data }: uPlot) => {
      const picked = data[0][cursor.idx ?? -1];
      return picked === undefined ? null : () => latest.current.onPick(picked);
    };
    const options = {
      scales: { x: stepScale(span), y: SCALES[axis] },
      axes: plotAxes(color, words),
      cursor: { points: { size: 6 } },
      legend: { show: false },
      hooks: followPointer(hovered),
      series: [
        { label: 'step' },
        ...series.map(({ label, color: name }) => lineOf(label, color(name))),
      ],
      plugins: [
        stepZoom(() => ({ ...latest.current, clicked: pickPointed })),
        stepMark(() => latest.current.step, color('--lv-accent')),
      ],
    };
    return { options, data: dataOf(props) };
  };
  const [box, chart] = usePlot(PLOT_HEIGHT_PX, step, make, [page.dark.value, names, axis, span]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what data are of, and not whatever else changes
  useEffect(() => {
    chart.current?.setData(dataOf(props));
  }, [steps, series, axis]);

  const at = hovered.value ?? (step === null ? -1 : nearestIndex(steps, step));
  return (
    <figure class="lv-line-chart" aria-label={`${title} over the steps`}>
      <figcaption>
        {title}
        <span class="lv-muted">step {steps[at] ?? 'none'}</span>
      </figcaption>
      <dl class="lv-line-values">
        {series.map(({ label, values, color }) => (
          <div key={label}>
            <dt>
              <span class="lv-line-swatch" style={{ background: `var(${color})` }} />
              {label}
            </dt>
            <dd>
              {Number.isNaN(values[at] ?? Number.NaN) ? 'none' : words(values[at] ?? 0, DIGITS)}
            </dd>
          </div>
        ))}
      </dl>
      <div ref={box} />
    </figure>
  );
}
