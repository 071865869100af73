import { batch, useSignal } from '@preact/signals';
import type { StepVerdicts } from '../contract/messages';
import { formatShort } from '../scale/format';
import { type Counterpart, nearestRight } from '../state/nearest';
import type { SampleRow } from '../state/sampleRow';
import { verdictWords } from '../state/verdictWords';
import { AnswerLook } from './AnswerLook';
import { useApp } from './appContext';
import { SampleLook } from './SampleLook';
import { VerdictStrip } from './VerdictStrip';

/** Rows that are drawn before one asks for all. */
const FIRST_ROWS = 60;

/** Why a sample was chosen to hold another against, in a sentence. */
export function counterpartWords({ row, distance, sameTarget, measure }: Counterpart): string {
  const which = sameTarget ? 'of this target' : 'of any target, as none of this one was';
  return Number.isNaN(distance)
    ? `Of the samples ${which} that were answered rightly, ${measure}`
    : `Of the samples ${which} that were answered rightly, the input of ${row.name} is nearest: ${formatShort(distance)} by ${measure}`;
}

/** Which columns have something in them: of a step without targets there is nothing to judge. */
interface Columns {
  target: boolean;
  prediction: boolean;
  verdict: boolean;
}

function columnsOf(rows: readonly SampleRow[]): Columns {
  return {
    target: rows.some(({ target }) => target !== null),
    prediction: rows.some(({ prediction }) => prediction !== null),
    verdict: rows.some(({ verdict }) => verdictWords(verdict) !== ''),
  };
}

interface RowProps {
  columns: Columns;
  row: SampleRow;
  rows: readonly SampleRow[];
  history: readonly StepVerdicts[];
  onChoose: () => void;
}

function Row({ row, rows, columns, history, onChoose }: RowProps) {
  const { selection, view } = useApp();
  const labels = view.shownCatalog.value?.labels ?? [];
  const isChosen = selection.sample.value === row.index;
  const isBeside = selection.beside.value === row.index;
  const like = row.verdict.isRight === false ? nearestRight(rows, row) : null;
  const choose = (beside: number | null) => {
    batch(() => {
      selection.sample.value = row.index;
      selection.beside.value = beside;
      // Another sample is compared with its own target.
      selection.detail.value = { ...selection.detail.value, against: null };
    });
    onChoose();
  };
  const answer = { verdict: row.verdict, target: row.target, prediction: row.prediction, labels };
  return (
    <tr class={isChosen || isBeside ? 'lv-sample-chosen' : undefined}>
      <th scope="row" title={row.name}>
        {row.name}
      </th>
      <td>{row.input && <SampleLook array={row.input} label={`Input of ${row.name}`} />}</td>
      {columns.target && (
        <td>
          <AnswerLook {...answer} side="target" />
        </td>
      )}
      {columns.prediction && (
        <td>
          <AnswerLook {...answer} side="prediction" />
        </td>
      )}
      {columns.verdict && (
        <td class={row.verdict.isRight === false ? 'lv-verdict-wrong' : undefined}>
          {verdictWords(row.verdict)}
        </td>
      )}
      {history.length > 1 && (
        <td>
          <VerdictStrip
            history={history}
            sample={row.index}
            step={view.step.value}
            onStep={step => {
              selection.step.value = step;
            }}
          />
        </td>
      )}
      <td>
        <div class="lv-sample-actions">
          <button
            type="button"
            class="lv-button"
            aria-pressed={isChosen && selection.beside.value === null}
            title="What each layer made of it, and what carried the answer"
            onClick={() => choose(null)}
          >
            Open
          </button>
          {like !== null && (
            <button
              type="button"
              class="lv-button"
              aria-pressed={isChosen && selection.beside.value === like.row.index}
              title={counterpartWords(like)}
              onClick={() => choose(like.row.index)}
            >
              Compare with {like.row.name}, which is right
            </button>
          )}
          {!isChosen && (
            <button
              type="button"
              class="lv-button"
              aria-pressed={isBeside}
              title="Show both side by side, in every layer"
              onClick={() => {
                selection.beside.value = isBeside ? null : row.index;
                if (!isBeside) onChoose();
              }}
            >
              Compare with chosen
            </button>
          )}
        </div>
      </td>
    </tr>
  );
}

interface Props {
  /** Those that are listed, and all of the step. */
  shown: readonly SampleRow[];
  rows: readonly SampleRow[];
  history: readonly StepVerdicts[];
  /** A sample was chosen, to be looked at. */
  onChoose: () => void;
}

/** The samples of a step, each with what was asked and answered, and how it fared over the steps. */
export function SamplesTable({ shown, rows, history, onChoose }: Props) {
  const all = useSignal(false);
  const columns = columnsOf(rows);
  const drawn = all.value ? shown : shown.slice(0, FIRST_ROWS);
  return (
    <>
      <table class="lv-sample-table">
        <thead>
          <tr>
            <th scope="col">Sample</th>
            <th scope="col">Input</th>
            {columns.target && <th scope="col">Target</th>}
            {columns.prediction && <th scope="col">Prediction</th>}
            {columns.verdict && <th scope="col">Verdict</th>}
            {history.length > 1 && <th scope="col">Over the steps</th>}
            <th scope="col">Look</th>
          </tr>
        </thead>
        <tbody>
          {drawn.map(row => (
            <Row key={row.index} {...{ row, rows, columns, history, onChoose }} />
          ))}
        </tbody>
      </table>
      {drawn.length < shown.length && (
        <button
          type="button"
          class="lv-button"
          onClick={() => {
            all.value = true;
          }}
        >
          Show all {shown.length}
        </button>
      )}
    </>
  );
}
