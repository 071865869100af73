import type { NdArray } from '../api/npy';
import type { Verdict } from './verdict';

/** One kept sample at a step: what was not recorded of it is null. */
export interface SampleRow {
  /** Its place among the kept samples. */
  readonly index: number;
  /** What the user calls it, or its position in the batch. */
  readonly name: string;
  readonly input: NdArray | null;
  readonly target: NdArray | null;
  readonly prediction: NdArray | null;
  readonly verdict: Verdict;
}
