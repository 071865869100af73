/** The steps that are looked at of a long run. */

/** The first and the last of them; null is all. */
export type StepSpan = readonly [first: number, last: number] | null;

export function isWithin(step: number, span: StepSpan): boolean {
  return span === null || (step >= span[0] && step <= span[1]);
}

/** `100:200`; nothing of all steps. */
export function spanText(span: StepSpan): string {
  return span?.join(':') ?? '';
}

export function parseSpan(text: string): StepSpan {
  const found = /^(-?[\d.]+):(-?[\d.]+)$/.exec(text);
  const [first, last] = [Number(found?.[1] ?? Number.NaN), Number(found?.[2] ?? Number.NaN)];
  return last >= first ? [first, last] : null;
}

/** The same, of whole steps; null where none of `steps`, ascending, would be left out. */
export function spanOver(span: StepSpan, steps: readonly number[]): StepSpan {
  if (span === null) return null;
  const [first, last] = [Math.ceil(span[0]), Math.floor(span[1])];
  const isAll = first <= (steps[0] ?? first) && last >= (steps.at(-1) ?? last);
  return isAll || last < first ? null : [first, last];
}

/** `512 of 10,000 steps`; nothing where none is left out. */
export function shareOfSteps(drawn: number, available: number): string {
  const [some, all] = [drawn, available].map(count => count.toLocaleString('en'));
  return drawn < available ? `${some} of ${all} steps` : '';
}
