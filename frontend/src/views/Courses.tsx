import { useMemo } from 'preact/hooks';
import { bandsOf } from '../state/bands';
import type { Histograms } from '../state/histogram';
import type { StatTable } from '../state/statTable';
import { isWithin, spanOver } from '../state/stepSpan';
import { useApp } from './appContext';
import { BandsPanel } from './BandsPanel';
import { LineChart, type Series } from './LineChart';
import { SpanFields } from './SpanFields';

interface Props {
  histograms: Histograms | null;
  table: StatTable;
  statKey: string;
  step: number;
  onPick: (step: number) => void;
}

/** The statistics of a tensor over the steps that are looked at. */
export function Courses({ histograms, table, statKey, step, onPick }: Props) {
  const { selection } = useApp();
  const { span } = selection.statistics.value;
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
  const onZoom = (next: typeof span) =>
    selection.chooseStatistics({ span: spanOver(next, table.steps) });
  const common = { steps: table.steps, step, span, onPick, onZoom };
  const isNone = !table.steps.some(each => isWithin(each, span));
  return (
    <section class="lv-courses" aria-label="Statistics over the steps">
      <div class="lv-courses-span lv-control">
        <SpanFields span={span} steps={table.steps} onChange={onZoom} />
        <span class="lv-muted">
          Drag over a chart to see some steps alone, double click for all; a click goes to its step.
        </span>
      </div>
      {isNone && <p role="status">No step was recorded between these two.</p>}
      <LineChart title="Range and mean" series={charts.range} {...common} />
      {bands && <BandsPanel title="Percentiles" bands={bands} axis="linear" {...common} />}
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
