import type { Contributions, Feature } from '../contract/messages';

/** Where a feature is in the maps that it is made of. */
export interface MapPlace {
  readonly map: number;
  /** The index in the map; empty where the feature is the mean of it. */
  readonly cell: readonly number[];
}

/** The place of a feature in the maps; null where it is made of none. */
export function mapPlace(
  index: number,
  { map_key: key, map_shape: shape }: Contributions,
): MapPlace | null {
  if (key === null || shape.length === 0) return null;
  const place: number[] = [];
  let rest = index;
  for (const extent of [...shape].reverse()) {
    place.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  const [map = 0, ...cell] = place;
  return { map, cell };
}

/** What a feature adds to the chosen class more than to the other. */
export function lead({ to_chosen: chosen, to_right: right }: Feature): number {
  return chosen - right;
}

/** What makes up both logits: the features that are told, all others together, and the bias. */
export interface Sums {
  readonly others: { readonly chosen: number; readonly right: number };
  /** How far the logit of the chosen class is above the other. */
  readonly lead: number;
  /** How much of that the told features make. */
  readonly told: number;
}

export function sumsOf(found: Contributions): Sums {
  const add = (side: 'to_chosen' | 'to_right') =>
    found.features.reduce((sum, feature) => sum + feature[side], 0);
  const [chosen, right] = [add('to_chosen'), add('to_right')];
  return {
    others: {
      chosen: found.chosen_logit - found.chosen_bias - chosen,
      right: found.right_logit - found.right_bias - right,
    },
    lead: found.chosen_logit - found.right_logit,
    told: chosen - right,
  };
}
