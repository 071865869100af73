import type { Catalog, Kept } from '../contract/messages';
import { counted } from '../scale/format';

/** The steps of a run that can be shown: those of which more than the statistics are there. */
export function wholeSteps({ steps, summarized }: Catalog): readonly number[] {
  if (summarized.length === 0) return steps;
  const dropped = new Set(summarized);
  return steps.filter(step => !dropped.has(step));
}

/** What a bound on the disk left of a run, in words. */
export function keptWords({ whole, summarized, recorded }: Kept): string {
  const others = summarized > 0 ? `, and the statistics of ${counted(summarized, 'other')}` : '';
  return (
    `${whole} of ${recorded} recorded steps ${whole === 1 ? 'is' : 'are'} kept${others}: keep_gigabytes bounds what this ` +
    'run takes on the disk, and older steps are dropped, ever more of them.'
  );
}

/** A step as it stands in a link; undefined where it is none. */
export function parseStep(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

// Places in an ascending list of recorded steps.

/** The place of the step nearest to `step`, the earlier of two equally near; -1 in an empty list. */
export function nearestIndex(steps: readonly number[], step: number): number {
  const after = firstAtLeast(steps, step);
  const before = after - 1;
  if (after >= steps.length) return steps.length - 1;
  if (before < 0) return after;
  const toAfter = (steps[after] ?? 0) - step;
  const toBefore = step - (steps[before] ?? 0);
  return toBefore <= toAfter ? before : after;
}

function firstAtLeast(steps: readonly number[], step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}
