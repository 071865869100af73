import type { NdArray } from '../api/npy';
import { formatShort } from '../scale/format';
import type { Verdict } from './verdict';

const PERCENT = 100;
/** A narrow column breaks no number from its unit. */
const UNBREAKABLE = '\u00a0';
/** A few numbers are read, more are looked at. */
const MOST_NUMBERS = 6;

export function percentWords(share: number): string {
  return `${(share * PERCENT).toFixed(0)}${UNBREAKABLE}%`;
}

/** What a class is called. */
export function className(index: number, labels: readonly string[]): string {
  return labels[index] ?? String(index);
}

/** Classes in words: one, all that hold, or that none does. */
export function classesWords(classes: readonly number[], labels: readonly string[]): string {
  return classes.length === 0 ? 'none' : classes.map(each => className(each, labels)).join(', ');
}

/** A few numbers in words; null where they are too many to be read. */
export function numbersWords({ values }: NdArray): string | null {
  if (values.length === 0 || values.length > MOST_NUMBERS) return null;
  return Array.from<number | bigint, string>(values, value =>
    typeof value === 'bigint' || Number.isInteger(value) ? String(value) : formatShort(value),
  ).join(', ');
}

/** What the target is, in words; null where it is to be looked at, or not known. */
export function targetWords(
  { target }: Pick<Verdict, 'target'>,
  array: NdArray | null,
  labels: readonly string[],
): string | null {
  if (target !== null) return classesWords(target, labels);
  return array && numbersWords(array);
}

/** What was answered, with how sure the model was, likewise. */
export function answerWords(
  { task, answer, confidence }: Pick<Verdict, 'task' | 'answer' | 'confidence'>,
  array: NdArray | null,
  labels: readonly string[],
): string | null {
  if (answer !== null) {
    const words = classesWords(answer, labels);
    return confidence === null ? words : `${words} (${percentWords(confidence)})`;
  }
  const isClass = task === 'classes' || task === 'labels';
  if (isClass && array?.values.some((value: number | bigint) => Number.isNaN(Number(value)))) {
    return 'NaN';
  }
  return array && numbersWords(array);
}

/** Whether it was right, or how wrong it was; empty where nobody knows. */
export function verdictWords({ task, isRight, error }: Verdict): string {
  if (isRight === true) return 'right';
  if (task === 'labels' && error !== null) {
    return `${error} ${error === 1 ? 'label' : 'labels'} wrong`;
  }
  if (isRight === false) return 'wrong';
  if (error === null) return '';
  return task === 'places'
    ? `${formatShort(PERCENT * error)} % wrong`
    : `error ${formatShort(error)}`;
}
