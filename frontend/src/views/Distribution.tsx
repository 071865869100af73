import { counted } from '../scale/format';
import { HISTORY_KINDS, VALUE_AXES } from '../state/statisticsChoice';
import type { StatTable } from '../state/statTable';
import { spanOver } from '../state/stepSpan';
import { type HistogramResource, ownHistograms } from '../state/tensorStatistics';
import { useApp } from './appContext';
import { HistogramChart } from './HistogramChart';
import { HistogramHistory } from './HistogramHistory';
import { HistogramRidge } from './HistogramRidge';
import { Failure } from './Message';
import { Segments } from './Segments';
import { statisticsAt } from './StatisticsTable';

const HISTORY_LABELS = { strip: 'heat strip', ridge: 'ridge' };

interface Props {
  table: StatTable;
  statKey: string;
  step: number;
  onPick: (step: number) => void;
}

/** What is said where histograms are not there (yet). */
function Missing({ of }: { of: HistogramResource }) {
  const error = of.error.value;
  if (error !== null) return <Failure error={error} onRetry={() => of.reload()} />;
  return <p class="lv-muted">Loading the histograms…</p>;
}

/** The histogram of the step, from those of the steps or, where it is not among them, its own. */
function OfStep({ table, statKey, step }: Omit<Props, 'onPick'>) {
  const { selection, view, histograms: many, histogram: one } = useApp();
  const { axis } = selection.statistics.value;
  const isAmongMany = ownHistograms(many, view)?.steps.includes(step) === true;
  const histograms = ownHistograms(isAmongMany ? many : one, view);
  // While the one of another step is still there, it is drawn, and called by its own step.
  const drawn = isAmongMany ? step : histograms?.steps[0];
  const statistics = drawn === undefined ? null : statisticsAt(table, statKey, drawn);
  const { min, max, zero } = statistics ?? { min: Number.NaN, max: Number.NaN, zero: 0 };
  const row = histograms?.steps.indexOf(drawn ?? Number.NaN) ?? -1;
  return (
    <section class="lv-card">
      <header>
        <h2>Histogram{drawn === undefined || drawn === step ? '' : ` at step ${drawn}`}</h2>
        <Segments
          label="Axis of values"
          options={VALUE_AXES}
          value={axis}
          onChange={chosen => selection.chooseStatistics({ axis: chosen })}
        />
      </header>
      {histograms === null && <Missing of={many.error.value === null ? one : many} />}
      {histograms !== null && Number.isFinite(min) && Number.isFinite(max) && row >= 0 && (
        <>
          <HistogramChart
            histograms={histograms}
            row={row}
            range={[min, max]}
            zeros={zero}
            axis={axis}
          />
          {zero > 0 && axis === 'linear' && (
            <p class="lv-muted">
              {counted(zero, 'element')} {zero === 1 ? 'is' : 'are'} exactly 0 and left out of the
              curve.
            </p>
          )}
        </>
      )}
      {histograms !== null && !(Number.isFinite(min) && Number.isFinite(max)) && (
        <p class="lv-muted">No finite elements at step {drawn}.</p>
      )}
    </section>
  );
}

function OverSteps({ table, statKey, step, onPick }: Props) {
  const { selection, view, histograms: many } = useApp();
  const kind = selection.statistics.value.history;
  const histograms = ownHistograms(many, view);
  const Drawn = kind === 'strip' ? HistogramHistory : HistogramRidge;
  return (
    <section class="lv-card" aria-busy={many.loading.value}>
      <header>
        <h2>Over the steps</h2>
        <Segments
          label="Histograms as"
          options={HISTORY_KINDS}
          value={kind}
          labelOf={option => HISTORY_LABELS[option]}
          onChange={chosen => selection.chooseStatistics({ history: chosen })}
        />
      </header>
      {histograms === null || many.error.value !== null ? (
        <Missing of={many} />
      ) : (
        <Drawn
          histograms={histograms}
          step={step}
          onPick={onPick}
          onZoom={span =>
            selection.chooseStatistics({ span: spanOver(span, table.recorded(statKey)) })
          }
        />
      )}
    </section>
  );
}

/** How the elements are spread over their values: at a step, and over the steps. */
export function Distribution(props: Props) {
  const hasSeveral = props.table.recorded(props.statKey).length > 1;
  return (
    <>
      <OfStep {...props} />
      {hasSeveral && <OverSteps {...props} />}
    </>
  );
}
