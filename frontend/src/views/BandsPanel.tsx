import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { formatShort } from '../scale/format';
import type { Bands } from '../state/bands';
import type { AxisKind } from '../state/chartChoice';
import { PERCENTILES } from '../state/percentiles';
import { type StepSpan, shareOfSteps } from '../state/stepSpan';
import { nearestIndex } from '../state/steps';
import { useApp } from './appContext';
import {
  flattened,
  followPointer,
  LINE_WIDTH,
  PLOT_HEIGHT_PX,
  plotAxes,
  pointsOf,
  stepScale,
  stepZoom,
  themeColors,
} from './plot';
import { stepMark } from './plotMarks';
import { tellBands } from './plotSvg';
import { usePlot } from './usePlot';

const DIGITS = 4;
const MEDIAN = PERCENTILES.indexOf(50);
/** How dense the bands are, the outermost first, as two digits of a colour. */
const DENSITIES = ['22', '3c', '66'];

interface Props {
  title: string;
  bands: Bands;
  axis: AxisKind;
  step: number | null;
  span: StepSpan;
  onPick: (step: number) => void;
  onZoom: (span: StepSpan) => void;
}

/** How the elements of a tensor are spread, over the steps: the median, and bands of percentiles. */
export function BandsPanel(props: Props) {
  const { title, bands, axis, step, span } = props;
  const { page } = useApp();
  const hovered = useSignal<number | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const make = (target: HTMLElement) => {
    const color = themeColors(target);
    const line = color('--lv-series-1');
    const filled: uPlot.Band[] = DENSITIES.map((density, i) => ({
      series: [PERCENTILES.length - i, i + 1],
      fill: `${line}${density}`,
    }));
    const pickPointed = ({ cursor }: uPlot) => {
      const picked = bands.steps[cursor.idx ?? -1];
      return picked === undefined ? null : () => latest.current.onPick(picked);
    };
    const options = {
      scales: { x: stepScale(span), y: axis === 'log' ? flattened(bands.rows) : {} },
      axes: plotAxes(color, formatShort),
      cursor: { points: { show: false } },
      legend: { show: false },
      hooks: followPointer(hovered),
      series: [
        { label: 'step' },
        ...PERCENTILES.map((percent, i) => ({
          label: `${percent} %`,
          stroke: i === MEDIAN ? line : `${line}66`,
          width: i === MEDIAN ? LINE_WIDTH : 0.5,
          points: { show: bands.steps.length === 1, size: 4 },
        })),
      ],
      bands: filled,
      plugins: [
        stepZoom(() => ({ ...latest.current, clicked: pickPointed })),
        tellBands(filled),
        stepMark(() => latest.current.step, color('--lv-accent')),
      ],
    };
    const points = bands.rows.map(row => pointsOf(row, false));
    return { options, data: [[...bands.steps], ...points] satisfies uPlot.AlignedData };
  };
  const [box] = usePlot(PLOT_HEIGHT_PX, step, make, [page.dark.value, bands, axis, span]);

  const at = hovered.value ?? (step === null ? -1 : nearestIndex(bands.steps, step));
  return (
    <figure class="lv-line-chart" aria-label={`${title} over the steps`}>
      <figcaption>
        {title}
        <span class="lv-muted">
          {[shareOfSteps(bands.steps.length, bands.available), `step ${bands.steps[at] ?? 'none'}`]
            .filter(part => part !== '')
            .join(', ')}
        </span>
      </figcaption>
      <dl class="lv-line-values">
        {PERCENTILES.map((percent, i) => {
          const value = bands.rows[i]?.[at] ?? Number.NaN;
          return (
            <div key={percent}>
              <dt>{percent} %</dt>
              <dd>{Number.isNaN(value) ? 'none' : formatShort(value, DIGITS)}</dd>
            </div>
          );
        })}
      </dl>
      <div ref={box} />
    </figure>
  );
}
