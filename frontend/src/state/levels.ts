/**
 * Levels of detail: an index of level k stands for a block of 8^k elements along each of the last
 * two axes. Level 0 is the elements themselves.
 */

import type { Tensor } from '../contract/messages';
import type { Span } from './slice';

const BLOCK_SIDE = 8;
/** Tensors that are longer than this in one of the last two axes have their levels in the log. */
const LARGE_SIDE = 512;

/** At most so many elements come in one answer of the `array` route. */
export const MAX_ANSWER_ELEMENTS = 16_777_216;

/** Elements that are seen at once, before one zooms into what is larger: a picture of 1024 x 1024. */
export const OVERVIEW_ELEMENTS = 1_048_576;

/**
 * What a cell shows of its block: `max_abs` is the element of largest magnitude, with its sign;
 * `range` is the greatest less the least.
 */
export const PLANES = ['mean', 'max_abs', 'min', 'max', 'range'] as const;
export type Plane = (typeof PLANES)[number];

/** How many elements one index of a level stands for, along each axis of a tensor. */
export function blockSides(rank: number, level: number): number[] {
  const side = BLOCK_SIDE ** level;
  return Array.from({ length: rank }, (_, axis) => (axis >= rank - 2 ? side : 1));
}

/** What of a tensor says which of its levels can be asked for. */
export type Leveled = Pick<Tensor, 'shape' | 'stored' | 'levels'>;

/** Whether anything of a tensor can be drawn. */
export function isDrawable({ stored, levels }: Leveled): boolean {
  return stored === 'exact' || (stored === 'pyramid' && levels > 0);
}

/** The levels that a tensor can be drawn at, the finest first. */
export function drawableLevels({ shape, stored, levels }: Leveled): number[] {
  const finest = stored === 'exact' ? 0 : 1;
  // Levels of smaller tensors are made from their elements when they are asked for, so they bring
  // nothing into one answer that the elements do not.
  const kept = stored === 'pyramid' || shape.slice(-2).some(extent => extent > LARGE_SIDE);
  const last = kept ? Math.max(levels, finest) : finest;
  return Array.from({ length: last - finest + 1 }, (_, i) => finest + i);
}

function sizeOf(extents: readonly number[]): number {
  return extents.reduce((total, extent) => total * extent, 1);
}

/** Widened to whole blocks of a length, within an axis. */
export function inWholeBlocks([start, stop]: Span, block: number, extent: number): Span {
  return [Math.floor(start / block) * block, Math.min(Math.ceil(stop / block) * block, extent)];
}

/** How many cells a level has of some axes, of each of which a part is drawn. */
function cellsOf(parts: readonly Span[], axes: readonly number[], level: number): number {
  const sides = blockSides(parts.length, level);
  const cells = parts.map(([start, stop], axis) => {
    const side = sides[axis] ?? 1;
    return Math.ceil(stop / side) - Math.floor(start / side);
  });
  return sizeOf(axes.map(axis => cells[axis] ?? 1));
}

/** All of each axis. */
export function wholeOf(shape: readonly number[]): Span[] {
  return shape.map(extent => [0, extent]);
}

/**
 * The level that a tensor is drawn at: the wanted one, or the finest of which the drawn parts of
 * the drawn axes come in one answer.
 */
export function levelOf(
  tensor: Leveled,
  drawn: readonly number[],
  wanted: number | null,
  parts: readonly Span[] = wholeOf(tensor.shape),
): number {
  const levels = drawableLevels(tensor);
  const [finest = 0] = levels;
  const coarsest = levels.at(-1) ?? finest;
  if (wanted !== null) return Math.max(finest, Math.min(wanted, coarsest));
  return levels.find(level => cellsOf(parts, drawn, level) <= MAX_ANSWER_ELEMENTS) ?? coarsest;
}

const CELL_WORDS: Readonly<Record<Plane, string>> = {
  mean: 'the mean',
  min: 'the least',
  max: 'the greatest',
  max_abs: 'the largest in magnitude',
  range: 'the range',
};

/** What a cell of a level stands for: `level 1: a cell is the mean of 8 x 8 elements`. */
export function cellWords(shape: readonly number[], level: number, plane: Plane): string {
  const sides = blockSides(shape.length, level).slice(-2);
  const extents = shape.slice(-2).map((extent, i) => Math.min(extent, sides[i] ?? 1));
  return `level ${level}: a cell is ${CELL_WORDS[plane]} of ${extents.join(' x ')} elements`;
}

/**
 * The level of the overview of a matrix that is drawn in tiles: the finest of which all of the
 * drawn axes are seen at once. Null where the elements are few enough, or there are no levels.
 */
export function overviewLevel(
  tensor: Leveled,
  drawn: readonly number[],
  parts: readonly Span[] = wholeOf(tensor.shape),
): number | null {
  const levels = drawableLevels(tensor);
  const size = (level: number) => cellsOf(parts, drawn, level);
  const [finest = 0] = levels;
  if (levels.length < 2 || size(finest) <= OVERVIEW_ELEMENTS) return null;
  return levels.find(level => size(level) <= OVERVIEW_ELEMENTS) ?? levels.at(-1) ?? null;
}

/** Why elements are not drawn one by one; null where that was no more than a wish. */
export function reasonForLevel(
  tensor: Leveled,
  drawn: readonly number[],
  parts: readonly Span[] = wholeOf(tensor.shape),
): string | null {
  if (tensor.stored === 'pyramid') {
    return 'elements were not kept because it is larger than max_elements';
  }
  if (cellsOf(parts, drawn, 0) <= MAX_ANSWER_ELEMENTS) return null;
  return `one picture holds at most ${MAX_ANSWER_ELEMENTS.toLocaleString('en')} of its elements`;
}
