import type { StepVerdicts } from '../contract/messages';
import {
  matches,
  ordered,
  SAMPLE_ORDERS,
  type SampleFilter,
  type SampleList,
  type SampleOrder,
  SURE_SHARES,
} from '../state/sampleList';
import type { SampleRow } from '../state/sampleRow';
import { percentWords } from '../state/verdictWords';
import { useApp } from './appContext';
import { Choice } from './Choice';

const ORDER_LABELS: Readonly<Record<SampleOrder, string>> = {
  recorded: 'as recorded',
  worst: 'worst first',
};

/** The verdicts of the step since which answers may have changed: the first, if none is chosen. */
export function verdictsBefore(
  history: readonly StepVerdicts[],
  { since }: SampleList,
  step: number,
): StepVerdicts | null {
  const earlier = history.filter(each => each.step < step);
  return earlier.find(each => each.step === since) ?? earlier[0] ?? null;
}

interface Props {
  rows: readonly SampleRow[];
  history: readonly StepVerdicts[];
  step: number;
}

/** The rows that the chosen filter leaves, in the chosen order. */
export function listed({ rows, history, step }: Props, list: SampleList): readonly SampleRow[] {
  const before = verdictsBefore(history, list, step);
  const found = rows.filter(row => matches(row, list.filter, list.sure, before));
  return ordered(found, list.order);
}

/** Which samples are listed, how many of each there are, and in which order. */
export function SampleFilters(props: Props) {
  const { rows, history, step } = props;
  const { selection } = useApp();
  const list = selection.list.value;
  const change = (part: Partial<SampleList>) => {
    selection.list.value = { ...list, ...part };
  };
  const before = verdictsBefore(history, list, step);
  const isJudged = rows.some(({ verdict }) => verdict.isRight !== null);
  const isRanked = isJudged || rows.some(({ verdict }) => verdict.error !== null);
  const isSure = rows.some(({ verdict }) => verdict.confidence !== null);
  const earlier = history.filter(each => each.step < step).map(each => each.step);
  const button = (filter: SampleFilter, words: string) => (
    <button
      type="button"
      class="lv-button"
      aria-pressed={list.filter === filter}
      onClick={() => change({ filter })}
    >
      {words} ({rows.filter(row => matches(row, filter, list.sure, before)).length})
    </button>
  );
  return (
    <div class="lv-sample-filters">
      {button('all', 'All')}
      {isJudged && button('wrong', 'Wrong')}
      {isJudged && isSure && (
        <span class="lv-joined">
          {button('sure', 'Wrong and sure')}
          <Choice
            label="over"
            title="The share that the model gave to its answer"
            value={list.sure}
            options={SURE_SHARES}
            labelOf={percentWords}
            onChange={sure => change({ sure, filter: 'sure' })}
          />
        </span>
      )}
      {isJudged && before !== null && (
        <span class="lv-joined">
          {button('changed', 'Changed')}
          <Choice
            label="since step"
            value={before.step}
            options={earlier}
            onChange={since => change({ since, filter: 'changed' })}
          />
        </span>
      )}
      {isRanked && rows.length > 1 && (
        <Choice
          label="Order"
          value={list.order}
          options={SAMPLE_ORDERS}
          labelOf={order => ORDER_LABELS[order]}
          onChange={order => change({ order })}
        />
      )}
    </div>
  );
}
