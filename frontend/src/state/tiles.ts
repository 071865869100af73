import type { Client } from '../api/client';
import type { Matrix } from '../scale/types';
import type { Figure } from './figure';
import { blockSides, drawableLevels } from './levels';
import { loadPicture, type PictureArray, type PictureRequest } from './pictureData';
import type { Plan } from './plan';
import { wordingOf } from './wording';

/** Cells of a level from a start to a stop, which is not part of it. */
interface CellRect {
  readonly rowStart: number;
  readonly rowStop: number;
  readonly colStart: number;
  readonly colStop: number;
}

/** The request for some cells of a level of the matrix that an overview is of, from its corner on. */
export function tileRequest(
  overview: PictureRequest,
  level: number,
  rect: CellRect,
): PictureRequest {
  const { tensor, plan } = overview;
  const blocks = blockSides(tensor.shape.length, level);
  const slice = tensor.shape.map((_, axis) => {
    const first = (plan.spans[axis]?.[0] ?? 0) / (blocks[axis] ?? 1);
    if (axis === plan.rowAxis) return `${first + rect.rowStart}:${first + rect.rowStop}`;
    if (axis === plan.colAxis) return `${first + rect.colStart}:${first + rect.colStop}`;
    return String(first);
  });
  const tile: Plan = { ...plan, level, blocks, slice: slice.join(','), tiled: false };
  return { ...overview, plan: level === 0 ? { ...tile, plane: 'mean' } : tile };
}

function matrixOf({ values, shape, strides }: PictureArray): Matrix {
  const [rows = 1, cols = 1] = shape;
  const [rowStride = cols, colStride = 1] = strides;
  return { values, rows, cols, offset: 0, rowStride, colStride };
}

/** How much of an axis is shown, in elements. */
export function lengthOf({ spans }: Plan, axis: number | null): number {
  const [start, stop] = (axis === null ? undefined : spans[axis]) ?? [0, 0];
  return stop - start;
}

/** Where the tiles of an overview come from; null of a figure that is none. */
export function tilesOf(client: Client, figure: Figure) {
  const { request, array } = figure;
  const { tensor, plan } = request;
  const [overview] = figure.maps;
  if (!plan.tiled || overview === undefined) return null;
  const [finest = 0] = drawableLevels(tensor);
  return {
    rows: lengthOf(plan, plan.rowAxis),
    cols: lengthOf(plan, plan.colAxis),
    // Of one element there is no range: where that is shown, blocks are the finest.
    finest: plan.plane === 'range' ? Math.max(1, finest) : finest,
    overviewLevel: plan.level,
    overview: { matrix: overview.matrix, wording: wordingOf(array, plan.plane) },
    load: async (level: number, rect: CellRect, signal: AbortSignal) => {
      const tile = tileRequest(request, level, rect);
      const found = await loadPicture(client, tile, signal);
      return { matrix: matrixOf(found), wording: wordingOf(found, tile.plan.plane) };
    },
  };
}

/** The least and the greatest elements of blocks: of an overview, or of what is still to come. */
export function extremesOf(figure: Figure): readonly [least: Matrix, greatest: Matrix] | null {
  const { array, maps, partial } = figure;
  if (partial !== null) return partial.extremes;
  const [map] = maps;
  const { least, greatest } = array.blocks ?? {};
  if (map === undefined || least === undefined || greatest === undefined) return null;
  return [
    { ...map.matrix, values: least },
    { ...map.matrix, values: greatest },
  ];
}
