/** Places in an ascending list of recorded steps. */

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
