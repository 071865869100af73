import type { StepVerdicts } from '../contract/messages';
import { counted, formatShort } from '../scale/format';
import { verdictAt } from './verdict';

/** How one sample fared: of each step, a bar from 0 to 1 and whether it is one that is wrong. */
export interface Strip {
  readonly steps: readonly number[];
  /** Null where nothing is known of a step. */
  readonly bars: readonly ({ readonly height: number; readonly isWrong: boolean } | null)[];
  readonly words: string;
}

/** A right answer is low, a wrong one high: so it is told without colours, too. */
const RIGHT_HEIGHT = 0.3;

/** Since when an answer has been what it is at the end; null where it always was. */
function lastChange(
  steps: readonly number[],
  verdicts: readonly (boolean | null)[],
): number | null {
  const last = verdicts.at(-1);
  const before = verdicts.findLastIndex(each => each !== last);
  return before < 0 ? null : (steps[before + 1] ?? null);
}

function verdictsText(steps: readonly number[], right: readonly (boolean | null)[]): string {
  const known = right.filter(each => each !== null);
  if (known.length === 0) return 'no verdict at any step';
  const count = known.filter(Boolean).length;
  const since = lastChange(steps, right);
  const last = right.at(-1);
  const state = last === null ? '' : `, ${last ? 'right' : 'wrong'}`;
  return `right at ${count} of ${counted(known.length, 'step')}${state}${since === null ? '' : ` since step ${since}`}`;
}

/** How one of the kept samples fared over the steps. */
export function stripOf(history: readonly StepVerdicts[], sample: number): Strip {
  const verdicts = history.map(each => verdictAt(each, sample));
  const steps = history.map(({ step }) => step);
  const right = verdicts.map(({ isRight }) => isRight);
  if (right.some(each => each !== null)) {
    return {
      steps,
      bars: right.map(each =>
        each === null ? null : { height: each ? RIGHT_HEIGHT : 1, isWrong: !each },
      ),
      words: verdictsText(steps, right),
    };
  }
  const errors = verdicts.map(({ error }) => error);
  const known = errors.filter(error => error !== null);
  const most = Math.max(0, ...known);
  return {
    steps,
    bars: errors.map(error =>
      error === null ? null : { height: most === 0 ? 0 : error / most, isWrong: false },
    ),
    words:
      known.length === 0
        ? 'no verdict at any step'
        : `error from ${formatShort(known[0] ?? 0)} to ${formatShort(known.at(-1) ?? 0)}, at most ${formatShort(most)}`,
  };
}
