import type { Tensor } from '../contract/messages';
import {
  blockSides,
  inWholeBlocks,
  levelOf,
  MAX_ANSWER_ELEMENTS,
  overviewLevel,
  type Plane,
} from './levels';
import { drawnAxes, type Layout, layoutOf, naturalRoles, type Role, SAMPLE_AXIS } from './roles';
import { partText, type Span, spanWithin } from './slice';

/** What of a tensor decides how it is drawn. */
export type Drawable = Pick<Tensor, 'shape' | 'axes' | 'kind' | 'stored' | 'levels'>;

/** An axis of which one index is shown at a time; extent and index are those of elements. */
export interface AxisPick {
  axis: number;
  name: string;
  extent: number;
  index: number;
}

/** Which part of a tensor is asked for, and how it is drawn. Spans and indices are in elements. */
export interface Plan {
  layout: Layout;
  /** What each axis of the tensor is in the picture. */
  roles: Role[];
  /** Whether that is how such a tensor is laid out where nothing was chosen. */
  isNatural: boolean;
  /** The level of detail: 0 is elements. The slice counts in the indices of the level. */
  level: number;
  /** What is shown of the blocks of a level. */
  plane: Plane;
  /** How many elements an index stands for, along each axis of the tensor. */
  blocks: number[];
  /** In NumPy's words, one part an axis. */
  slice: string;
  /** The axes that are drawn, in the order of the picture: maps, rows, columns. */
  drawn: number[];
  /** The axis that runs downwards in a map; null where maps are one line. */
  rowAxis: number | null;
  /** The axis that runs to the right in a map; null where maps are one column. */
  colAxis: number | null;
  /** The axes that are not, with the index that is shown of each. */
  picks: AxisPick[];
  /** What the user chose of each axis; all of it where nothing was chosen. */
  parts: Span[];
  /** What is shown of each axis, in whole blocks. */
  spans: Span[];
  /** Whether it is drawn as an overview, of which finer levels are asked for as one zooms in. */
  tiled: boolean;
  /** Whether it could be. */
  canBeTiled: boolean;
  /** Which of the first drawn axis is shown, where all that was chosen is more than one answer. */
  window: { axis: number; start: number; stop: number; within: Span } | null;
  /** What was chosen and does not fit the tensor, in words. */
  misfits: string[];
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
  /** What each axis is in the picture; null where that was not chosen. */
  roles?: readonly Role[] | null;
  /** The part of a drawn axis that is shown; all of it where none was chosen. */
  crop?: Readonly<Record<number, Span>>;
}

function clamp(index: number, extent: number): number {
  return Math.max(0, Math.min(index, extent - 1));
}

/** Roles and parts of a tensor's axes as they were chosen, as far as that fits; and what does not. */
function fitted(tensor: Drawable, choice: Choice) {
  const { shape, axes, kind } = tensor;
  const misfits: string[] = [];
  const nameOf = (axis: number) => axes[axis] ?? `Axis ${axis}`;
  const wanted = choice.roles ?? null;
  if (wanted !== null && wanted.length !== shape.length) {
    misfits.push(
      `The layout that was chosen is of ${wanted.length} ${wanted.length === 1 ? 'axis' : 'axes'}, this tensor has ${shape.length}: it is laid out as such tensors are.`,
    );
  }
  const natural = naturalRoles(tensor);
  const chosen = wanted?.length === shape.length ? [...wanted] : null;
  const roles = chosen ?? natural;
  const sampleAxis = kind === 'sample' ? -1 : axes.indexOf(SAMPLE_AXIS);
  const parts = shape.map((extent, axis): Span => {
    if (roles[axis] !== 'slider') {
      const crop = choice.crop?.[axis];
      const span = spanWithin(crop, extent);
      if (crop !== undefined && String(span) !== String(crop)) {
        misfits.push(
          `${nameOf(axis)} has ${extent}: ${crop.join(':')} does not lie within it, ${span.join(':')} is shown.`,
        );
      }
      return span;
    }
    const index = axis === sampleAxis ? choice.sample : (choice.lead[axis] ?? 0);
    const shown = clamp(index, extent);
    if (shown !== index) {
      misfits.push(`${nameOf(axis)} has ${extent}: there is no ${index}, ${shown} is shown.`);
    }
    return [shown, shown + 1];
  });
  const isNatural = String(roles) === String(natural);
  return { roles, isNatural, parts, misfits };
}

/**
 * How `tensor` is drawn: as was chosen, else as suits it. Of axes that find no place in the
 * picture, one index is shown.
 */
export function planOf(tensor: Drawable, choice: Choice): Plan {
  const { shape, axes } = tensor;
  const { roles, isNatural, parts, misfits } = fitted(tensor, choice);
  const layout = layoutOf(roles);
  const { outer, rowAxis, colAxis } = drawnAxes(roles);
  const drawn = [...outer, rowAxis, colAxis].filter(axis => axis !== null);
  // Blocks are of the last two axes: where others are drawn, tiles of it have no square blocks.
  const isOfBlocks =
    layout === 'heatmap' && drawn.length === 2 && Math.min(...drawn) === shape.length - 2;
  const possible = isOfBlocks ? overviewLevel(tensor, drawn, parts) : null;
  const overview = choice.tiles === true && choice.level === null ? possible : null;
  const level = overview ?? levelOf(tensor, drawn, choice.level, parts);
  const blocks = blockSides(shape.length, level);
  const blocked = parts.map((part, axis) =>
    inWholeBlocks(part, blocks[axis] ?? 1, shape[axis] ?? 1),
  );
  const window = windowOf(blocked, drawn, blocks, choice.page);
  const spans = blocked.map(
    (span, axis): Span => (window?.axis === axis ? [window.start, window.stop] : span),
  );
  const picks = shape.flatMap((extent, axis): AxisPick[] => {
    if (roles[axis] !== 'slider') return [];
    const [index = 0] = parts[axis] ?? [];
    return [{ axis, name: axes[axis] ?? `Axis ${axis}`, extent, index }];
  });
  const plan = { roles, blocks, drawn, spans };
  return {
    ...plan,
    layout,
    isNatural,
    level,
    // Of elements there are no planes: to choose another asks for nothing new.
    plane: level === 0 ? 'mean' : choice.plane,
    slice: levelSlice(plan, shape),
    rowAxis,
    colAxis,
    picks,
    parts,
    tiled: overview !== null,
    canBeTiled: possible !== null,
    window,
    misfits,
  };
}

/** In NumPy's words, what is asked for of the level. */
export function levelSlice(
  { roles, blocks, spans }: Pick<Plan, 'roles' | 'blocks' | 'spans'>,
  shape: readonly number[],
): string {
  const texts = shape.map((extent, axis) => {
    const [start = 0, stop = 0] = spans[axis] ?? [];
    const block = blocks[axis] ?? 1;
    if (roles[axis] === 'slider') return String(Math.floor(start / block));
    if (start === 0 && stop === extent) return ':';
    return `${Math.floor(start / block)}:${Math.ceil(stop / block)}`;
  });
  // NumPy's `()` is the whole of a scalar; in a list of slices that is an ellipsis.
  return texts.length === 0 ? '...' : texts.join(',');
}

/** How many cells lie along each of the drawn axes. */
function cellCounts(
  spans: readonly Span[],
  drawn: readonly number[],
  blocks: readonly number[],
): number[] {
  return drawn.map(axis => {
    const [start = 0, stop = 0] = spans[axis] ?? [];
    return Math.ceil((stop - start) / (blocks[axis] ?? 1));
  });
}

const product = (counts: readonly number[]) => counts.reduce((total, count) => total * count, 1);

/** How many cells a picture has. */
export function drawnCount({ spans, drawn, blocks }: Plan): number {
  return product(cellCounts(spans, drawn, blocks));
}

function windowOf(
  spans: readonly Span[],
  drawn: readonly number[],
  blocks: readonly number[],
  page: number,
): Plan['window'] {
  const cells = cellCounts(spans, drawn, blocks);
  const [axis] = drawn;
  const within = axis === undefined ? undefined : spans[axis];
  if (axis === undefined || within === undefined || product(cells) <= MAX_ANSWER_ELEMENTS)
    return null;
  const [first = 0, ...others] = cells;
  const length = Math.max(1, Math.floor(MAX_ANSWER_ELEMENTS / product(others)));
  const step = length * (blocks[axis] ?? 1);
  const start = within[0] + clamp(page, Math.ceil(first / length)) * step;
  return { axis, start, stop: Math.min(start + step, within[1]), within };
}

/** The slice that is shown, in NumPy's words and in elements, at any level: `0, :, 4:12, :`. */
export function shownSlice(plan: Plan, shape: readonly number[]): string[] {
  return shape.map((extent, axis) => {
    const pick = plan.picks.find(candidate => candidate.axis === axis);
    return partText(pick?.index ?? plan.spans[axis] ?? [0, extent], extent);
  });
}

/** The sides of the blocks to whose ends a crop was widened; null where it is shown as it was chosen. */
export function widenedBlocks({ drawn, parts, spans, blocks, window }: Plan): number[] | null {
  const isWidened = drawn.some(axis => {
    const shown = window?.axis === axis ? window.within : spans[axis];
    return String(shown) !== String(parts[axis]);
  });
  return isWidened ? blocks.slice(-2) : null;
}

/**
 * An index into the drawn axes as one into the whole tensor of this shape, in NumPy's words: a
 * block is `0:8, 16:24`.
 */
export function tensorIndex(
  plan: Pick<Plan, 'blocks' | 'spans' | 'drawn'>,
  shape: readonly number[],
  drawnIndex: readonly number[],
): string {
  const parts = shape.map((extent, axis) => {
    const block = plan.blocks[axis] ?? 1;
    const [first = 0] = plan.spans[axis] ?? [];
    const start = first + (drawnIndex[plan.drawn.indexOf(axis)] ?? 0) * block;
    return block === 1 ? String(start) : `${start}:${Math.min(start + block, extent)}`;
  });
  return parts.join(', ');
}
