import type { Tensor } from '../contract/messages';

/** What of a tensor decides how it is drawn. */
export type Drawable = Pick<Tensor, 'shape' | 'axes' | 'kind'>;

/** How a tensor is drawn. */
export type Layout = 'scalar' | 'strip' | 'heatmap' | 'gallery' | 'kernels';

/** An axis of which one index is shown at a time. */
export interface AxisPick {
  axis: number;
  name: string;
  extent: number;
  index: number;
}

/** Which part of a tensor is asked for, and how it is drawn. */
export interface Plan {
  layout: Layout;
  /** In NumPy's words, one part an axis. */
  slice: string;
  /** The axes that are drawn, in the tensor's order: those of the array that the slice gives. */
  drawn: number[];
  /** The axes that are not, with the index that is shown of each. */
  picks: AxisPick[];
  /** The part of the first drawn axis that is shown, where all of it is more than one answer. */
  window: { start: number; stop: number; extent: number } | null;
}

/** What the user chose to see of a tensor. */
export interface Choice {
  sample: number;
  /** The index shown of an axis that is neither drawn nor the sample's; 0 where none was chosen. */
  lead: Readonly<Record<number, number>>;
  /** Which window of a tensor that is too large for one answer. */
  page: number;
}

/** At most so many elements come in one answer of the `array` route. */
export const MAX_ANSWER_ELEMENTS = 16_777_216;

export const SAMPLE_AXIS = 'Sample';

const KERNEL_RANK = 4;
const IMAGE_RANK = 2;

function product(extents: readonly number[]): number {
  return extents.reduce((total, extent) => total * extent, 1);
}

function clamp(index: number, extent: number): number {
  return Math.max(0, Math.min(index, extent - 1));
}

interface Shape {
  layout: Layout;
  /** How many of the last axes are drawn. */
  rank: number;
}

/** The layout of the axes that remain when one sample was chosen. */
function layoutOf(rank: number, ofSample: boolean, kind: Tensor['kind']): Shape {
  if (rank === 0) return { layout: 'scalar', rank };
  if (rank === 1) return { layout: 'strip', rank };
  if (rank === IMAGE_RANK) return { layout: 'heatmap', rank };
  if (kind === 'sample' || (ofSample && rank === IMAGE_RANK + 1))
    return { layout: 'gallery', rank };
  if (!ofSample && rank === KERNEL_RANK) return { layout: 'kernels', rank };
  return { layout: 'heatmap', rank: IMAGE_RANK };
}

/**
 * How `tensor` is drawn. Outputs are shown for one sample at a time; the samples themselves side
 * by side. Of leading axes that find no place in the picture, one index is shown.
 */
export function planOf(tensor: Drawable, choice: Choice): Plan {
  const { shape, axes, kind } = tensor;
  const sampleAxis = kind === 'sample' ? -1 : axes.indexOf(SAMPLE_AXIS);
  const rest = shape.map((_, axis) => axis).filter(axis => axis !== sampleAxis);
  const { layout, rank } = layoutOf(rest.length, sampleAxis >= 0, kind);
  const drawn = rest.slice(rest.length - rank);
  const picks = shape.flatMap((extent, axis): AxisPick[] => {
    if (drawn.includes(axis)) return [];
    const wanted = axis === sampleAxis ? choice.sample : (choice.lead[axis] ?? 0);
    return [{ axis, name: axes[axis] ?? `Axis ${axis}`, extent, index: clamp(wanted, extent) }];
  });
  const window = windowOf(
    drawn.map(axis => shape[axis] ?? 0),
    choice.page,
  );
  const slice = shape.map((_, axis) => {
    const pick = picks.find(candidate => candidate.axis === axis);
    if (pick) return String(pick.index);
    return window && axis === drawn[0] ? `${window.start}:${window.stop}` : ':';
  });
  // NumPy's `()` is the whole of a scalar; in a list of slices that is an ellipsis.
  return { layout, slice: slice.length === 0 ? '...' : slice.join(','), drawn, picks, window };
}

function windowOf(extents: readonly number[], page: number): Plan['window'] {
  if (product(extents) <= MAX_ANSWER_ELEMENTS) return null;
  const extent = extents[0] ?? 0;
  const size = Math.max(1, Math.floor(MAX_ANSWER_ELEMENTS / product(extents.slice(1))));
  const start = clamp(page, Math.ceil(extent / size)) * size;
  return { start, stop: Math.min(start + size, extent), extent };
}

/** The index in the whole tensor of an index into the drawn axes. */
export function tensorIndex(plan: Plan, drawnIndex: readonly number[]): number[] {
  const index = new Map<number, number>();
  for (const pick of plan.picks) index.set(pick.axis, pick.index);
  plan.drawn.forEach((axis, place) => {
    const offset = place === 0 ? (plan.window?.start ?? 0) : 0;
    index.set(axis, (drawnIndex[place] ?? 0) + offset);
  });
  return [...index.entries()].sort(([a], [b]) => a - b).map(([, value]) => value);
}
