import type { Statistic } from '../contract/messages';

/** All statistics, in the order in which they are shown, with what they are called. */
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

// The keys are those of the declared type and no others.
export const ALL_STATISTICS = Object.keys(STATISTIC_LABELS) as readonly Statistic[];
