/** What the map of a whole run can show. */

export const MEASURES = [
  'rms',
  'max_abs',
  'non_finite',
  'zero',
  'mean',
  'std',
  'update_ratio',
] as const;
export type Measure = (typeof MEASURES)[number];

/** Tensors that are compared with one another. */
export const GROUPS = ['outputs', 'gradients', 'parameters', 'everything'] as const;
export type Group = (typeof GROUPS)[number];

export interface HealthChoice {
  readonly measure: Measure;
  readonly group: Group;
}

export const DEFAULT_HEALTH: HealthChoice = { measure: 'rms', group: 'outputs' };
