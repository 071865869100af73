import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Histograms } from '../state/histogram';
import { SAMPLE_AXIS } from '../state/roles';
import type { StatTable } from '../state/statTable';
import { nearestIndex } from '../state/steps';
import { useApp } from './appContext';
import { type HistogramAxis, HistogramChart } from './HistogramChart';
import { HistogramHistory } from './HistogramHistory';
import { LineChart, type Series } from './LineChart';
import { Failure, Message } from './Message';
import { type StatisticsAt, StatisticsTable, statisticsAt } from './StatisticsTable';

const AXES: readonly HistogramAxis[] = ['linear', 'symlog'];

interface DistributionProps {
  histograms: Histograms;
  step: number;
  statistics: StatisticsAt;
  onPick: (step: number) => void;
}

function Distribution({ histograms, step, statistics, onPick }: DistributionProps) {
  const axis = useSignal<HistogramAxis>('linear');
  const row = histograms.steps.indexOf(step);
  const { min, max, zero } = statistics;
  const drawable = row >= 0 && Number.isFinite(min) && Number.isFinite(max);
  return (
    <>
      <section class="lv-card">
        <header>
          <h2>Histogram</h2>
          <div class="lv-segments" role="radiogroup" aria-label="Axis of values">
            {AXES.map(name => (
              // biome-ignore lint/a11y/useSemanticElements: two buttons side by side, of which one is on
              <button
                key={name}
                type="button"
                class="lv-segment"
                role="radio"
                aria-checked={axis.value === name}
                onClick={() => {
                  axis.value = name;
                }}
              >
                {name}
              </button>
            ))}
          </div>
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
            <span class="lv-muted">symlog</span>
          </header>
          <HistogramHistory histograms={histograms} row={row} onPick={onPick} />
        </section>
      )}
    </>
  );
}

interface CoursesProps {
  table: StatTable;
  statKey: string;
  step: number;
  onPick: (step: number) => void;
}

function Courses({ table, statKey, step, onPick }: CoursesProps) {
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

function NotRecorded({ table, statKey, step }: Omit<CoursesProps, 'onPick'>) {
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
          {answer !== null && answer.request.key === tensor.key && (
            <Distribution
              histograms={answer.value}
              step={step}
              statistics={statistics}
              onPick={onPick}
            />
          )}
          {table.steps.length > 1 && (
            <Courses table={table} statKey={tensor.key} step={step} onPick={onPick} />
          )}
        </div>
      )}
    </div>
  );
}
