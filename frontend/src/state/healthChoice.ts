/** What the map of a whole run can show. */

import type { ShownMeasure } from './measures';

/** Tensors that are compared with one another. */
export const GROUPS = ['outputs', 'gradients', 'parameters', 'everything'] as const;
export type Group = (typeof GROUPS)[number];

export interface HealthChoice {
  readonly measure: ShownMeasure;
  readonly group: Group;
}

export const DEFAULT_HEALTH: HealthChoice = { measure: 'rms', group: 'outputs' };
