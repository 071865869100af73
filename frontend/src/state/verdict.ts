import type { StepVerdicts, Task } from '../contract/messages';

/** What was answered to one sample; null is what is not known. */
export interface Verdict {
  readonly task: Task;
  /** Classes: one, or all labels that hold. */
  readonly target: readonly number[] | null;
  readonly answer: readonly number[] | null;
  /** The shares that the model gave to its answer, and to the target. */
  readonly confidence: number | null;
  readonly ofTarget: number | null;
  readonly isRight: boolean | null;
  readonly error: number | null;
}

/** The verdict of one of the kept samples. */
export function verdictAt(verdicts: StepVerdicts, sample: number): Verdict {
  return {
    task: verdicts.task,
    target: verdicts.target[sample] ?? null,
    answer: verdicts.answer[sample] ?? null,
    confidence: verdicts.confidence[sample] ?? null,
    ofTarget: verdicts.of_target[sample] ?? null,
    isRight: verdicts.right[sample] ?? null,
    error: verdicts.error[sample] ?? null,
  };
}

/** Whether two answers to one sample differ; false where one of them is not known. */
export function differ(a: readonly number[] | null, b: readonly number[] | null): boolean {
  return a !== null && b !== null && String(a) !== String(b);
}
