import type { Kind, Tensor } from '../contract/messages';
import { DEFAULT_SETTINGS, WEIGHT_SETTINGS } from '../scale/scale';
import type { ScaleSettings } from '../scale/types';

/** Tensors that are looked at in the same way share their colour scale. */
export const SCALE_GROUPS = ['weights', 'gradients', 'activations', 'samples'] as const;
export type ScaleGroup = (typeof SCALE_GROUPS)[number];

const GROUP_OF_KIND: Readonly<Record<Kind, ScaleGroup>> = {
  param: 'weights',
  buffer: 'weights',
  grad: 'gradients',
  output_grad: 'gradients',
  input: 'activations',
  output: 'activations',
  tap: 'activations',
  sample: 'samples',
};

/**
 * Which colour scale a tensor has. Masks, counts and magnitudes of complex numbers have no two sides
 * of zero, whatever holds them.
 */
export function scaleGroup({ kind, dtype }: Pick<Tensor, 'kind' | 'dtype'>): ScaleGroup {
  const group = GROUP_OF_KIND[kind];
  const isSided = group === 'weights' || group === 'gradients';
  return isSided && !/^b?float/.test(dtype) ? 'activations' : group;
}

/** What each group starts with: signed values around zero, feature maps, and pictures in grey. */
export const DEFAULT_SCALES: Readonly<Record<ScaleGroup, ScaleSettings>> = {
  weights: WEIGHT_SETTINGS,
  gradients: WEIGHT_SETTINGS,
  activations: DEFAULT_SETTINGS,
  samples: { ...DEFAULT_SETTINGS, map: 'Greys' },
};

/** True where two settings give the same scale on any data. */
export function sameSettings(a: ScaleSettings, b: ScaleSettings): boolean {
  return (
    a.map === b.map &&
    a.reversed === b.reversed &&
    a.mode === b.mode &&
    a.transform === b.transform &&
    (a.mode !== 'robust' || String(a.percentiles) === String(b.percentiles)) &&
    (a.mode !== 'fixed' || a.fixed.every((bound, i) => Object.is(bound, b.fixed[i])))
  );
}
