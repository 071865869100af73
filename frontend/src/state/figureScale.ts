import { resolveScale, WEIGHT_SETTINGS } from '../scale/scale';
import type { Matrix, Scale, ScaleSettings } from '../scale/types';
import type { Figure } from './figure';
import type { SharedRange } from './sharedRange';
import type { Third } from './third';
import { extremesOf } from './tiles';

/** The scale of what is made of two arrays: as far below zero as above. */
export function scaleOfThird({ limit }: Third, matrices: readonly Matrix[]): Scale {
  return limit === null
    ? resolveScale(WEIGHT_SETTINGS, matrices)
    : resolveScale({ ...WEIGHT_SETTINGS, mode: 'fixed', fixed: [-limit, limit] }, matrices);
}

/** How many elements one of the extremes is of. */
function elementsOfBlock({ request: { plan }, partial, array }: Figure): number {
  if (partial === null) {
    return plan.drawn.reduce((size, axis) => size * (plan.blocks[axis] ?? 1), 1);
  }
  const elements = array.shape.reduce((size, length) => size * length, 1);
  return elements / partial.extremes[0].cols;
}

/**
 * The one scale of some figures. Of what is drawn in tiles it is that of all elements, whatever is
 * seen of them: the colours stay while one pans and zooms.
 */
export function scaleOfFigures(
  settings: ScaleSettings,
  figures: readonly Figure[],
  shared: SharedRange | null,
): Scale {
  const known = figures.flatMap(figure => {
    // A block's range is no element: its extremes say nothing of what is drawn.
    const extremes = figure.request.plan.plane === 'range' ? null : extremesOf(figure);
    return extremes === null ? [] : [extremes];
  });
  const [first] = figures;
  if (first === undefined || known.length < figures.length) {
    const matrices = figures.map(({ whole }) => whole);
    return resolveScale(settings, matrices, null, shared);
  }
  const elements = elementsOfBlock(first);
  const blocks = {
    least: known.map(([least]) => least),
    greatest: known.map(([, greatest]) => greatest),
    elements,
  };
  return resolveScale(settings, known.flat(), blocks, shared);
}
