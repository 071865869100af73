import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { isAbort } from '../api/errors';
import { chartCsv } from '../state/chartCsv';
import { type ChartRequest, EVERY_STEP, loadChart } from '../state/chartData';
import { SHOWN_MEASURES } from '../state/measures';
import { keyStem } from '../state/takeAway';
import { useApp } from './appContext';
import { download } from './download';
import { SavePicture } from './SavePicture';

interface NumbersProps {
  request: ChartRequest;
  stem: string;
}

/** The numbers of all steps that are looked at, whatever fits on the screen. */
function ChartNumbers({ request, stem }: NumbersProps) {
  const { view } = useApp();
  const failure = useSignal<string | null>(null);
  const busy = useSignal(false);
  const aborter = useRef(new AbortController());
  useEffect(() => () => aborter.current.abort(), []);
  const save = async () => {
    [busy.value, failure.value] = [true, null];
    const { signal } = aborter.current;
    try {
      const every = await loadChart(view.client, request, signal, EVERY_STEP);
      download(`${stem}.csv`, new Blob([chartCsv(every)], { type: 'text/csv' }));
      const [missing] = every.failures;
      if (missing !== undefined) {
        const what = missing.key === undefined ? missing.run : `the percentiles of ${missing.key}`;
        failure.value = `Saved without ${what}: ${missing.error.message}`;
      }
    } catch (error) {
      if (isAbort(error)) return;
      failure.value = `Not saved: ${error instanceof Error ? error.message : String(error)}`;
    }
    busy.value = false;
  };
  return (
    <section>
      <h3>The numbers, a line for each step</h3>
      <button type="button" class="lv-button" disabled={busy.value} onClick={() => void save()}>
        CSV
      </button>
      {busy.value && <span role="status"> Reading all steps…</span>}
      {failure.value !== null && <p role="alert">{failure.value}.</p>}
    </section>
  );
}

/** What can be taken of the charts. */
export function SaveCharts() {
  const { chart } = useApp();
  const request = chart.answer.value?.request;
  return (
    <>
      <SavePicture parts={['#lv-charts']} stem="charts" />
      {request && <ChartNumbers request={request} stem="charts" />}
    </>
  );
}

/** What can be taken of the statistics of the shown tensor. */
export function SaveStatistics() {
  const { statistics, selection } = useApp();
  const shown = statistics.answer.value?.request;
  if (shown === undefined) return null;
  const { run, key } = shown;
  const stem = `${keyStem(key)}_statistics`;
  const request = {
    runs: [run],
    keys: [key],
    measures: SHOWN_MEASURES,
    bands: true,
    span: selection.statistics.value.span,
  };
  return (
    <>
      <SavePicture parts={['.lv-heading-words', '#lv-pane']} stem={stem} />
      <ChartNumbers request={request} stem={stem} />
    </>
  );
}
