import type { NdArray } from '../api/npy';
import type { Derived, Statistic } from '../contract/messages';

/** What `stats` tells of a tensor at a step. */
export type Measure = Statistic | Derived;

/** What is told of a tensor at one step, in the order in which it is shown, with what it is called. */
export const STATISTIC_LABELS: Readonly<Record<Statistic, string>> = {
  count: 'elements',
  nan: 'NaN',
  pos_inf: '+Inf',
  neg_inf: '-Inf',
  zero: 'exactly 0',
  min: 'min',
  max: 'max',
  mean: 'mean',
  std: 'std',
  rms: 'rms',
  max_abs: 'max abs',
  update_rms: 'update rms',
  update_ratio: 'update ratio',
};

/** What each of them is, in a sentence. Extremes and moments are of the finite elements. */
export const STATISTIC_MEANINGS: Readonly<Record<Statistic, string>> = {
  count: 'How many elements the tensor has',
  nan: 'Elements that are NaN',
  pos_inf: 'Elements that are plus infinity',
  neg_inf: 'Elements that are minus infinity',
  zero: 'Elements that are exactly zero',
  min: 'The least finite element',
  max: 'The greatest finite element',
  mean: 'The mean of the finite elements',
  std: 'The standard deviation of the finite elements, with n below the sum and not n - 1',
  rms: 'Root mean square: the square root of the mean of the squares',
  max_abs: 'The largest magnitude of the finite elements',
  update_rms: 'Root mean square of what the step added to the elements',
  update_ratio: 'By how much the step changed it: update rms by rms; 0.001 is usual',
};

// The keys are those of the declared type and no others.
export const ALL_STATISTICS = Object.keys(STATISTIC_LABELS) as readonly Statistic[];

/** What is worth a map or a line, with what it is called there. */
export const MEASURE_LABELS = {
  rms: 'root mean square',
  max_abs: 'largest magnitude',
  norm: 'norm',
  mean: 'mean',
  std: 'standard deviation',
  min: 'minimum',
  max: 'maximum',
  zero_share: 'share of zeros',
  non_finite: 'NaN and infinities',
  saturation: 'saturation',
  near_largest: "share near the type's largest",
  near_smallest: "share near the type's smallest",
  update_ratio: 'update ratio',
  update_rms: 'update rms',
} as const satisfies Partial<Record<Measure, string>>;

export type ShownMeasure = keyof typeof MEASURE_LABELS;
export const SHOWN_MEASURES = Object.keys(MEASURE_LABELS) as readonly ShownMeasure[];

const SHARES: ReadonlySet<Measure> = new Set([
  'zero_share',
  'saturation',
  'near_largest',
  'near_smallest',
]);

/** Whether a measure is a part of a whole, from 0 to 1. */
export function isShare(measure: Measure): boolean {
  return SHARES.has(measure);
}

/** The tables `[keys, steps]` of an answer of one or several statistics, by name. */
export function tablesOf(answer: NdArray, names: readonly Measure[]): Map<Measure, NdArray> {
  if (answer.shape.length === 2) {
    return new Map(names.slice(0, 1).map(name => [name, answer]));
  }
  const [, rows = 0, columns = 0] = answer.shape;
  return new Map(
    names.map((name, i) => [
      name,
      {
        ...answer,
        values: answer.values.subarray(i * rows * columns, (i + 1) * rows * columns),
        shape: [rows, columns],
        strides: [columns, 1],
      },
    ]),
  );
}
