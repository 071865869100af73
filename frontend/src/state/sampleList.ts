import type { StepVerdicts } from '../contract/messages';
import type { SampleRow } from './sampleRow';
import { parseStep } from './steps';
import { differ } from './verdict';

export const SAMPLE_FILTERS = ['all', 'wrong', 'sure', 'changed'] as const;
export type SampleFilter = (typeof SAMPLE_FILTERS)[number];

export const SAMPLE_ORDERS = ['recorded', 'worst'] as const;
export type SampleOrder = (typeof SAMPLE_ORDERS)[number];

/** From which confidence on a wrong answer is one of which the model was sure. */
export const SURE_SHARES = [0.5, 0.7, 0.9, 0.99] as const;

/** Which samples are listed, and in which order. */
export interface SampleList {
  readonly filter: SampleFilter;
  readonly order: SampleOrder;
  readonly sure: number;
  /** The step since which answers may have changed; null is the first. */
  readonly since: number | null;
}

export const DEFAULT_LIST: SampleList = {
  filter: 'all',
  order: 'recorded',
  sure: 0.5,
  since: null,
};

export function listText({ filter, order, sure, since }: SampleList): string {
  return [filter, order, sure, since ?? ''].join('~');
}

export function parseList(text: string): SampleList | undefined {
  const [filterText, orderText, sureText, sinceText] = text.split('~');
  const filter = SAMPLE_FILTERS.find(each => each === filterText);
  const order = SAMPLE_ORDERS.find(each => each === orderText);
  const sure = SURE_SHARES.find(each => String(each) === sureText);
  const since = parseStep(sinceText) ?? null;
  return filter && order && sure && { filter, order, sure, since };
}

/** Whether a sample is one that the filter leaves. `before` is what was answered at `since`. */
export function matches(
  { index, verdict }: SampleRow,
  filter: SampleFilter,
  sure: number,
  before: StepVerdicts | null,
): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'wrong':
      return verdict.isRight === false;
    case 'sure':
      return verdict.isRight === false && (verdict.confidence ?? 0) > sure;
    case 'changed':
      return before !== null && differ(before.answer[index] ?? null, verdict.answer);
  }
}

/** How wrong an answer is, to be compared with others of its task: the greatest is the worst. */
function badness({ verdict: { isRight, confidence, error } }: SampleRow): number {
  if (isRight !== null) return isRight ? -(confidence ?? 0) : 1 + (confidence ?? 0);
  return error ?? Number.NEGATIVE_INFINITY;
}

/** The rows in the chosen order. */
export function ordered(rows: readonly SampleRow[], order: SampleOrder): readonly SampleRow[] {
  if (order === 'recorded') return rows;
  return [...rows].sort((a, b) => badness(b) - badness(a) || a.index - b.index);
}
