/** Scale and counts of a picture of which more and more comes: what was found out is kept. */

import type { NdArray } from '../api/npy';
import { rowMatrix } from '../scale/matrix';
import { countLooks } from '../scale/scale';
import type { LookCounts, Scale, ScaleSettings } from '../scale/types';
import type { Figure } from './figure';
import { scaleOfFigures } from './figureScale';
import type { Arrived } from './mapParts';
import type { SharedRange } from './sharedRange';

interface Resolved {
  settings: ScaleSettings;
  shared: SharedRange | null;
  scale: Scale;
}

const scales = new WeakMap<Arrived['extremes'], Resolved>();
const counted = new WeakMap<Scale, WeakMap<NdArray, LookCounts>>();

/** The scale of a figure: one and the same while its maps come. */
export function scaleOfSeen(
  settings: ScaleSettings,
  figure: Figure,
  shared: SharedRange | null,
): Scale {
  if (figure.partial === null) return scaleOfFigures(settings, [figure], shared);
  const { extremes } = figure.partial;
  const known = scales.get(extremes);
  if (known?.settings === settings && known.shared === shared) return known.scale;
  const scale = scaleOfFigures(settings, [figure], shared);
  scales.set(extremes, { settings, shared, scale });
  return scale;
}

/** How many elements have which look, of those that have come. */
export function countsOfSeen(scale: Scale, figure: Figure): LookCounts {
  if (figure.partial === null) return countLooks(scale, [figure.whole]);
  const known = counted.get(scale) ?? new WeakMap<NdArray, LookCounts>();
  counted.set(scale, known);
  const total = { ...countLooks(scale, []) };
  for (const array of figure.partial.arrays) {
    if (array === undefined) continue;
    const counts = known.get(array) ?? countLooks(scale, [rowMatrix(array.values)]);
    known.set(array, counts);
    for (const look of Object.keys(total) as (keyof LookCounts)[]) total[look] += counts[look];
  }
  return total;
}
