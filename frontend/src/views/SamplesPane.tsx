import { batch, useSignal } from '@preact/signals';
import {
  matches,
  rightOneLike,
  SAMPLE_FILTERS,
  type SampleFilter,
  type SampleRow,
  SURE,
} from '../state/samples';
import { useApp } from './appContext';
import { Failure, Message } from './Message';
import { labelWords } from './SampleBadge';
import { SampleWay } from './SampleWay';
import { Thumbnail } from './Thumbnail';

const FILTER_LABELS: Readonly<Record<SampleFilter, string>> = {
  all: 'All',
  wrong: 'Wrong',
  sure: `Wrong, and over ${100 * SURE} % sure`,
};

function verdict({ isRight }: SampleRow): string {
  if (isRight === null) return '';
  return isRight ? 'right' : 'wrong';
}

interface RowProps {
  row: SampleRow;
  rows: readonly SampleRow[];
}

function Row({ row, rows }: RowProps) {
  const { selection } = useApp();
  const isChosen = selection.sample.value === row.index;
  const isBeside = selection.beside.value === row.index;
  const like = row.isRight === false ? rightOneLike(rows, row) : null;
  const choose = (beside: number | null) =>
    batch(() => {
      selection.sample.value = row.index;
      selection.beside.value = beside;
    });
  return (
    <tr class={isChosen || isBeside ? 'lv-sample-chosen' : undefined}>
      <th scope="row">{row.name}</th>
      <td>{row.input && <Thumbnail input={row.input} />}</td>
      <td>{row.target ? labelWords(row.target) : ''}</td>
      <td>{row.prediction ? labelWords(row.prediction) : ''}</td>
      <td class={row.isRight === false ? 'lv-verdict-wrong' : undefined}>{verdict(row)}</td>
      <td>
        <div class="lv-sample-actions">
          <button
            type="button"
            class="lv-button"
            aria-pressed={isChosen && selection.beside.value === null}
            onClick={() => choose(null)}
          >
            Its way
          </button>
          {like !== null && (
            <button
              type="button"
              class="lv-button"
              aria-pressed={isChosen && selection.beside.value === like.index}
              onClick={() => choose(like.index)}
            >
              Beside {like.name}, which is right
            </button>
          )}
          {!isChosen && (
            <button
              type="button"
              class="lv-button"
              aria-pressed={isBeside}
              onClick={() => {
                selection.beside.value = isBeside ? null : row.index;
              }}
            >
              Beside the chosen one
            </button>
          )}
        </div>
      </td>
    </tr>
  );
}

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
  const { samples, view } = useApp();
  const filter = useSignal<SampleFilter>('all');
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
        <Nothing />
      </div>
    );
  }
  const shown = rows.filter(row => matches(row, filter.value));
  return (
    <div class="lv-pane lv-samples">
      <div class="lv-finding-filter">
        {SAMPLE_FILTERS.map(each => (
          <button
            key={each}
            type="button"
            class="lv-button"
            aria-pressed={filter.value === each}
            onClick={() => {
              filter.value = each;
            }}
          >
            {FILTER_LABELS[each]} {rows.filter(row => matches(row, each)).length}
          </button>
        ))}
        <span class="lv-muted">of step {answer.request.step}</span>
      </div>
      {shown.length === 0 ? (
        <p>No sample of this step is answered so.</p>
      ) : (
        <table class="lv-sample-table">
          <thead>
            <tr>
              <th scope="col">Sample</th>
              <th scope="col">Input</th>
              <th scope="col">Target</th>
              <th scope="col">Prediction</th>
              <th scope="col">Verdict</th>
              <th scope="col">Look</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(row => (
              <Row key={row.index} row={row} rows={rows} />
            ))}
          </tbody>
        </table>
      )}
      <SampleWay rows={rows} />
    </div>
  );
}
