import type { Tensor } from '../contract/messages';
import {
  blockSides,
  fitsAnswer,
  levelOf,
  levelShape,
  MAX_ANSWER_ELEMENTS,
  overviewLevel,
  type Plane,
} from './levels';

/** What of a tensor decides how it is drawn. */
export type Drawable = Pick<Tensor, 'shape' | 'axes' | 'kind' | 'stored' | 'levels'>;

/** How a tensor is drawn. */
export type Layout = 'scalar' | 'strip' | 'heatmap' | 'gallery' | 'kernels';

/** An axis of which one index is shown at a time; extent and index are those of elements. */
export interface AxisPick {
  axis: number;
  name: string;
  extent: number;
  index: number;
}

/** Which part of a tensor is asked for, and how it is drawn. */
export interface Plan {
  layout: Layout;
  /** The level of detail: 0 is elements. Slice and window count in the indices of the level. */
  level: number;
  /** What is shown of the blocks of a level. */
  plane: Plane;
  /** How many elements an index stands for, along each axis of the tensor. */
  blocks: number[];
  /** In NumPy's words, one part an axis. */
  slice: string;
  /** The axes that are drawn, in the tensor's order: those of the array that the slice gives. */
  drawn: number[];
  /** The axes that are not, with the index that is shown of each. */
  picks: AxisPick[];
  /** Whether it is an overview, of which finer levels are asked for as one zooms in. */
  tiled: boolean;
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
  /** The level of detail; null is the finest that comes in one answer. */
  level: number | null;
  plane: Plane;
  /** Whether a large matrix may be drawn in tiles. */
  tiles?: boolean;
}

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
  const mayBeTiled = choice.tiles === true && choice.level === null && layout === 'heatmap';
  const overview = mayBeTiled ? overviewLevel(tensor, drawn) : null;
  const level = overview ?? levelOf(tensor, drawn, choice.level);
  const blocks = blockSides(shape.length, level);
  const picks = shape.flatMap((extent, axis): AxisPick[] => {
    if (drawn.includes(axis)) return [];
    const wanted = axis === sampleAxis ? choice.sample : (choice.lead[axis] ?? 0);
    return [{ axis, name: axes[axis] ?? `Axis ${axis}`, extent, index: clamp(wanted, extent) }];
  });
  const window = fitsAnswer(shape, drawn, level)
    ? null
    : windowOf(levelShape(shape, level), drawn, choice.page);
  const slice = shape.map((_, axis) => {
    const pick = picks.find(candidate => candidate.axis === axis);
    if (pick) return String(Math.floor(pick.index / (blocks[axis] ?? 1)));
    return window && axis === drawn[0] ? `${window.start}:${window.stop}` : ':';
  });
  return {
    layout,
    level,
    // Of elements there are no planes: to choose another asks for nothing new.
    plane: level === 0 ? 'mean' : choice.plane,
    blocks,
    tiled: overview !== null,
    // NumPy's `()` is the whole of a scalar; in a list of slices that is an ellipsis.
    slice: slice.length === 0 ? '...' : slice.join(','),
    drawn,
    picks,
    window,
  };
}

function windowOf(extents: readonly number[], drawn: readonly number[], page: number) {
  const [first = 0, ...others] = drawn.map(axis => extents[axis] ?? 0);
  const size = Math.max(1, Math.floor(MAX_ANSWER_ELEMENTS / product(others)));
  const start = clamp(page, Math.ceil(first / size)) * size;
  return { start, stop: Math.min(start + size, first), extent: first };
}

/**
 * An index into the drawn axes as one into the whole tensor of this shape, in NumPy's words: a
 * block is `0:8, 16:24`.
 */
export function tensorIndex(
  plan: Plan,
  shape: readonly number[],
  drawnIndex: readonly number[],
): string {
  const parts = shape.map((extent, axis) => {
    const block = plan.blocks[axis] ?? 1;
    const pick = plan.picks.find(candidate => candidate.axis === axis);
    const place = plan.drawn.indexOf(axis);
    const inWindow = (drawnIndex[place] ?? 0) + (place === 0 ? (plan.window?.start ?? 0) : 0);
    const index = pick ? Math.floor(pick.index / block) : inWindow;
    return block === 1
      ? String(index)
      : `${index * block}:${Math.min((index + 1) * block, extent)}`;
  });
  return parts.join(', ');
}
