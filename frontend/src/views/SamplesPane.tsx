import { useRef } from 'preact/hooks';
import { shareOfSteps } from '../state/stepSpan';
import { useApp } from './appContext';
import { Failure, Message } from './Message';
import { SampleDetail } from './SampleDetail';
import { listed, SampleFilters } from './SampleFilters';
import { SampleSource } from './SampleSource';
import { SamplesTable } from './SamplesTable';
import { SaveButton } from './SaveSheet';

function Nothing() {
  return (
    <Message title="No samples were recorded">
      <p>
        Give them to the step, and the answers to the recording:{' '}
        <code>with view.step(step, inputs=images, targets=labels) as recording:</code> and{' '}
        <code>recording.predictions(logits)</code>. <code>view.probe(inputs, targets, ids)</code>{' '}
        follows the same samples over all steps.
      </p>
    </Message>
  );
}

/** The samples of a step: what was asked, what was answered, and their way through the network. */
export function SamplesPane() {
  const { samples, verdicts, view, selection } = useApp();
  const detail = useRef<HTMLDivElement>(null);
  const error = samples.error.value;
  const answer = samples.answer.value;
  if (error !== null) {
    return (
      <div class="lv-pane">
        <Failure error={error} onRetry={() => samples.reload()} />
      </div>
    );
  }
  if (answer === null || answer.request.run !== view.run.value) {
    return (
      <div class="lv-pane" aria-busy="true">
        <p class="lv-muted">Loading the samples…</p>
      </div>
    );
  }
  const rows = answer.value;
  if (rows.length === 0) {
    return (
      <div class="lv-pane">
        <SampleSource />
        <Nothing />
      </div>
    );
  }
  const over = verdicts.answer.value;
  const isOver = over?.request.run === answer.request.run;
  const history = isOver ? over.value.steps : [];
  const share = isOver ? shareOfSteps(history.length, over.value.available) : '';
  const of = { rows, history, step: answer.request.step };
  const shown = listed(of, selection.list.value);
  return (
    <div class="lv-pane lv-samples">
      <div class="lv-sample-head">
        <SampleSource />
        <span class="lv-muted">step {answer.request.step}</span>
        <SaveButton />
      </div>
      <SampleFilters {...of} />
      {share !== '' && <p class="lv-muted">The strips show {share}, spread over the run.</p>}
      {verdicts.error.value !== null && (
        <p role="alert">
          How they fared over the steps could not be read: {verdicts.error.value.message}{' '}
          <button type="button" class="lv-link" onClick={() => verdicts.reload()}>
            Try again
          </button>
        </p>
      )}
      {shown.length === 0 ? (
        <p>No sample of this step is answered so.</p>
      ) : (
        <SamplesTable
          shown={shown}
          rows={rows}
          history={history}
          onChoose={() => detail.current?.scrollIntoView({ block: 'start' })}
        />
      )}
      <div ref={detail}>
        <SampleDetail rows={rows} />
      </div>
    </div>
  );
}
