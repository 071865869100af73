import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { lineName } from '../state/chartChoice';
import { type ChartData, chartKeys, MOST_BANDS } from '../state/chartData';
import type { ChartLine } from '../state/chartLines';
import { MEASURE_LABELS, type ShownMeasure } from '../state/measures';
import type { StepSpan } from '../state/stepSpan';
import { useApp } from './appContext';
import { BandsPanel } from './BandsPanel';
import { ChartControls } from './ChartControls';
import { ChartLegend } from './ChartLegend';
import { ChartPanel } from './ChartPanel';
import { ChartTensors } from './ChartTensors';
import { lineLooks } from './chartLooks';
import { Failure, Message } from './Message';
import { SaveButton } from './SaveSheet';
import { useKeyText } from './useKeyText';

/** More lines than this in a chart are a blot. */
const MOST_LINES = 500;

/** The lines of a chart, those that are switched off left out; the same list while they are. */
function usePanels(
  data: ChartData,
  measures: readonly ShownMeasure[],
  together: boolean,
  off: readonly string[],
) {
  return useMemo(() => {
    const looks = new Map(
      (together ? [data.lines] : measures.map(each => data.lines.filter(l => l.measure === each)))
        .flatMap(lines => lineLooks(lines, together).map((look, i) => [lines[i], look] as const))
        .flatMap(([line, look]) => (line === undefined ? [] : [[line, look] as const])),
    );
    const drawn = data.lines.filter(({ run, key }) => !off.includes(lineName(run, key)));
    const groups = together
      ? [{ title: measures.map(each => MEASURE_LABELS[each]).join(', '), lines: drawn }]
      : measures.map(measure => ({
          title: MEASURE_LABELS[measure],
          lines: drawn.filter(line => line.measure === measure),
        }));
    const panels = groups.map(({ title, lines }) => {
      const kept = lines.slice(0, MOST_LINES);
      return {
        title,
        lines: kept,
        looks: kept.flatMap(line => looks.get(line) ?? []),
        leftOut: lines.length - kept.length,
      };
    });
    return { looks, panels };
  }, [data, measures, together, off]);
}

function Charts({ data }: { data: ChartData }) {
  const { selection, view } = useApp();
  const textOf = useKeyText();
  const { measures, panels: kind, axis, span, off } = selection.chart.value;
  const hovered = useSignal<number | null>(null);
  const { looks, panels } = usePanels(data, measures, kind === 'one', off);
  const open = (line: Pick<ChartLine, 'run' | 'key'>, step: number) =>
    selection.goTo(line.key, step, line.run);
  const onZoom = (next: StepSpan) => selection.chooseChart({ span: next });
  const several = new Set(data.bands.map(({ run }) => run)).size > 1;
  return (
    <>
      {data.failures.map(({ run, key, error }) => (
        <p key={`${run} ${key}`} role="alert">
          {key === undefined ? 'The run ' : 'The percentiles of '}
          {key !== undefined && (
            <>
              <code>{textOf(key, run)}</code> of{' '}
            </>
          )}
          <code>{run}</code> {key === undefined ? 'is' : 'are'} left out: {error.message}
        </p>
      ))}
      <div class="lv-chart-panels">
        {panels.map(({ title, lines, looks: ofLines, leftOut }) =>
          title === '' ? null : (
            <div key={title}>
              <ChartPanel
                title={title}
                lines={lines}
                looks={ofLines}
                axis={axis}
                span={span}
                hovered={hovered}
                onOpen={open}
                onZoom={onZoom}
              />
              {leftOut > 0 && (
                <p class="lv-muted">
                  The first {MOST_LINES} lines are drawn, {leftOut} are not.
                </p>
              )}
            </div>
          ),
        )}
        {data.bands.map(bands => (
          <BandsPanel
            key={`${bands.run} ${bands.key}`}
            title={`Percentiles of ${textOf(bands.key, bands.run)}${several ? `, ${bands.run}` : ''}`}
            bands={bands}
            axis={axis}
            step={view.step.value}
            span={span}
            onPick={step => open(bands, step)}
            onZoom={onZoom}
          />
        ))}
      </div>
      {data.bands.length === MOST_BANDS && (
        <p class="lv-muted">Percentiles are drawn of {MOST_BANDS} tensors at most.</p>
      )}
      {data.lines.length > 0 && (
        <ChartLegend
          lines={data.lines}
          looks={looks}
          measures={measures}
          off={off}
          hovered={hovered}
          onToggle={name =>
            selection.chooseChart({
              off: off.includes(name) ? off.filter(each => each !== name) : [...off, name],
            })
          }
          onOpen={open}
        />
      )}
      <p class="lv-muted lv-control">
        Drag over steps to see them alone, double click for all; a click on a line opens its tensor
        at that step. Triangles mark steps with NaN or Inf.
      </p>
    </>
  );
}

/** Any statistics of any tensors and runs, over the steps. */
export function ChartsPane() {
  const { chart, selection, view } = useApp();
  const error = chart.error.value;
  const data = chart.answer.value?.value;
  const { measures, bands } = selection.chart.value;
  const isNothing = data && data.lines.length + data.bands.length === 0;
  return (
    <>
      <div class="lv-toolbar lv-chart-controls">
        <ChartControls />
        <SaveButton />
      </div>
      <ChartTensors />
      <div id="lv-charts" class="lv-pane lv-charts" aria-busy={chart.loading.value}>
        {error !== null && <Failure error={error} onRetry={() => chart.reload()} />}
        {error === null && measures.length === 0 && !bands && (
          <Message title="No statistic is chosen">
            <p>Choose what to draw under Statistics.</p>
          </Message>
        )}
        {error === null && isNothing && (measures.length > 0 || bands) && (
          <Message title="Nothing to draw">
            <p>
              None of the chosen runs has{' '}
              {chartKeys(selection, view).length > 1 ? 'these tensors' : 'this tensor'} in these
              steps. Choose other runs, or all steps.
            </p>
          </Message>
        )}
        {error === null && !data && <p class="lv-muted">Loading the statistics…</p>}
        {error === null && data && !isNothing && <Charts data={data} />}
      </div>
    </>
  );
}
