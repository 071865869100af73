import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { bandsOf } from '../state/bands';
import type { Histograms } from '../state/histogram';
import { HISTORY_KINDS } from '../state/history';
import { SAMPLE_AXIS } from '../state/roles';
import type { StatTable } from '../state/statTable';
import { nearestIndex } from '../state/steps';
import { useApp } from './appContext';
import { BandsPanel } from './BandsPanel';
import { type HistogramAxis, HistogramChart } from './HistogramChart';
import { HistogramHistory } from './HistogramHistory';
import { HistogramRidge } from './HistogramRidge';
import { LineChart, type Series } from './LineChart';
import { Failure, Message } from './Message';
import { Segments } from './Segments';
import { type StatisticsAt, StatisticsTable, statisticsAt } from './StatisticsTable';

const AXES: readonly HistogramAxis[] = ['linear', 'symlog'];

const HISTORY_LABELS = { strip: 'heat strip', ridge: 'ridge' };

interface DistributionProps {
  histograms: Histograms;
  step: number;
  statistics: StatisticsAt;
  onPick: (step: number) => void;
}

function Distribution({ histograms, step, statistics, onPick }: DistributionProps) {
  const { selection } = useApp();
  const axis = useSignal<HistogramAxis>('linear');
  const kind = selection.history.value;
  const row = histograms.steps.indexOf(step);
  const { min, max, zero } = statistics;
  const drawable = row >= 0 && Number.isFinite(min) && Number.isFinite(max);
  return (
    <>
      <section class="lv-card">
        <header>
          <h2>Histogram</h2>
          <Segments
            label="Axis of values"
            options={AXES}
            value={axis.value}
            onChange={chosen => {
              axis.value = chosen;
            }}
          />
        </header>
        {drawable ? (
          <>
            <HistogramChart
              histograms={histograms}
              row={row}
              range={[min, max]}
              zeros={zero}
              axis={axis.value}
            />
            {zero > 0 && axis.value === 'linear' && (
              <p class="lv-muted">
                {zero.toLocaleString('en')} elements are exactly 0 and left out of the curve.
              </p>
            )}
          </>
        ) : (
          <p class="lv-muted">No finite elements at step {step}.</p>
        )}
      </section>
      {histograms.steps.length > 1 && (
        <section class="lv-card">
          <header>
            <h2>Histogram over the steps</h2>
            <Segments
              label="Histograms as"
              options={HISTORY_KINDS}
              value={kind}
              labelOf={option => HISTORY_LABELS[option]}
              onChange={chosen => {
                selection.history.value = chosen;
              }}
            />
          </header>
          {kind === 'strip' ? (
            <HistogramHistory histograms={histograms} row={row} onPick={onPick} />
          ) : (
            <HistogramRidge histograms={histograms} row={row} onPick={onPick} />
          )}
        </section>
      )}
    </>
  );
}

interface CoursesProps {
  histograms: Histograms | null;
  table: StatTable;
  statKey: string;
  step: number;
  onPick: (step: number) => void;
}

function Courses({ histograms, table, statKey, step, onPick }: CoursesProps) {
  const bands = useMemo(
    () => histograms && bandsOf(histograms, table, statKey),
    [histograms, table, statKey],
  );
  const charts = useMemo(() => {
    const row = (stat: Parameters<StatTable['row']>[0]) => table.row(stat, statKey);
    const count = row('count');
    const share = (values: Float64Array) => values.map((value, i) => value / (count[i] ?? 1));
    const range: Series[] = [
      { label: 'max', values: row('max'), color: '--lv-series-2' },
      { label: 'mean', values: row('mean'), color: '--lv-series-1' },
      { label: 'min', values: row('min'), color: '--lv-series-3' },
    ];
    const size: Series[] = [
      { label: 'max abs', values: row('max_abs'), color: '--lv-series-2' },
      { label: 'rms', values: row('rms'), color: '--lv-series-1' },
      { label: 'std', values: row('std'), color: '--lv-series-3' },
    ];
    const parts: Series[] = [
      { label: 'zero', values: share(row('zero')), color: '--lv-series-1' },
      { label: 'NaN or Inf', values: share(table.nonFinite(statKey)), color: '--lv-danger' },
    ];
    const update: Series[] = [
      { label: 'update ratio', values: row('update_ratio'), color: '--lv-series-1' },
    ];
    return { range, size, parts, update };
  }, [table, statKey]);
  const common = { steps: table.steps, step, onPick };
  return (
    <section class="lv-courses" aria-label="Statistics over the steps">
      <LineChart title="Range and mean" series={charts.range} {...common} />
      {bands && (
        <BandsPanel title="Percentiles" bands={bands} axis="linear" step={step} onPick={onPick} />
      )}
      <LineChart
        title="Magnitude (logarithmic)"
        series={charts.size}
        axis="logarithmic"
        {...common}
      />
      <LineChart title="Share of elements" series={charts.parts} axis="share" {...common} />
      {charts.update.some(({ values }) => values.some(ratio => ratio > 0)) && (
        <LineChart
          title="Update ratio (logarithmic)"
          series={charts.update}
          axis="logarithmic"
          {...common}
        />
      )}
    </section>
  );
}

function NotRecorded({ table, statKey, step }: Omit<CoursesProps, 'onPick' | 'histograms'>) {
  const { selection } = useApp();
  const recorded = table.steps.filter((_, i) => !Number.isNaN(table.row('count', statKey)[i]));
  const nearest = recorded[nearestIndex(recorded, step)];
  return (
    <Message
      title={`Not recorded at step ${step}`}
      actions={
        nearest !== undefined && (
          <button
            type="button"
            class="lv-button lv-button-main"
            onClick={() => {
              selection.step.value = nearest;
            }}
          >
            Go to step {nearest}
          </button>
        )
      }
    >
      <p>
        <code>{statKey}</code> was recorded at {recorded.length} of {table.steps.length} steps.
      </p>
    </Message>
  );
}

/** The tab of the statistics: this step's, and their course over all steps. */
export function StatisticsPane() {
  const { view, selection, statistics: loaded, histograms } = useApp();
  const [tensor, wanted] = [view.tensor.value, view.step.value];
  const tables = loaded.answer.value;
  const isIt = tables?.request.run === view.run.value && tables?.request.key === tensor?.key;
  const table = isIt ? tables?.value : undefined;
  const answer = histograms.answer.value;
  const isOwn = answer?.request.run === view.run.value && answer?.request.key === tensor?.key;
  const own = (isOwn && answer?.value) || null;
  const error = loaded.error.value ?? histograms.error.value;
  const onPick = (picked: number) => {
    selection.step.value = picked;
  };
  if (tensor === null || wanted === null) return null;
  // Tables of long runs lag behind the newest step: the nearest that they have is shown by its number.
  const step = table?.steps[nearestIndex(table.steps, wanted)] ?? wanted;
  const statistics = table && statisticsAt(table, tensor.key, step);
  const scope = tensor.axes.includes(SAMPLE_AXIS) ? 'of the whole batch' : 'of all elements';
  return (
    <div id="lv-pane" class="lv-pane" role="tabpanel" aria-labelledby="lv-tab-statistics">
      {error !== null && !table && (
        <Failure
          error={error}
          onRetry={() => {
            loaded.reload();
            histograms.reload();
          }}
        />
      )}
      {table && statistics === null && (
        <NotRecorded table={table} statKey={tensor.key} step={step} />
      )}
      {table && statistics && (
        <div class="lv-statistics">
          <StatisticsTable statistics={statistics} step={step} scope={scope} />
          {own !== null && (
            <Distribution histograms={own} step={step} statistics={statistics} onPick={onPick} />
          )}
          {table.steps.length > 1 && (
            <Courses
              histograms={own}
              table={table}
              statKey={tensor.key}
              step={step}
              onPick={onPick}
            />
          )}
        </div>
      )}
    </div>
  );
}
