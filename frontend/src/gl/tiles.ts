/**
 * Tiles of a large matrix: squares of the cells of a level of detail, of which a cell of level k is
 * 8^k by 8^k elements.
 */

import type { Scale } from '../scale/types';
import { composePicture, type Placements } from './compose';
import type { PanelGrid } from './panelGrid';
import type { Picture } from './picture';
import type { Placement } from './pixelAxis';

/** How many cells a tile is high and wide: a megabyte of float32. */
export const TILE_CELLS = 512;
const BLOCK_SIDE = 8;

export interface TileId {
  readonly level: number;
  /** Counted in tiles. */
  readonly row: number;
  readonly col: number;
}

/** Cells of a level from a start to a stop, which is not part of it. */
export interface CellRect {
  readonly rowStart: number;
  readonly rowStop: number;
  readonly colStart: number;
  readonly colStop: number;
}

/** How many elements a cell of a level is high and wide. */
export function sideOf(level: number): number {
  return BLOCK_SIDE ** level;
}

/**
 * The level whose cells are drawn where an element takes `scale` pixels: the finest of which none
 * is smaller than a pixel, so that nothing is left out and nothing is seen twice.
 */
export function levelFor(scale: number, finest: number, coarsest: number): number {
  let level = finest;
  while (level < coarsest && scale * sideOf(level) < 1) level++;
  return level;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

/** The first and the last tile that an axis shows within some pixels. */
function tilesOnAxis(placement: Placement, pixels: number, side: number, extent: number): number[] {
  const tile = TILE_CELLS * side;
  const last = Math.ceil(extent / tile) - 1;
  const first = Math.max(0, Math.floor(placement.origin / tile));
  const end = (placement.origin + pixels / placement.scale) / tile;
  return range(first, Math.min(last, Math.ceil(end) - 1));
}

/** The tiles of a level that a view shows; placements and extents are those of elements. */
export function visibleTiles(
  view: Placements,
  width: number,
  height: number,
  level: number,
  rows: number,
  cols: number,
): TileId[] {
  const side = sideOf(level);
  const across = tilesOnAxis(view.cols, width, side, cols);
  return tilesOnAxis(view.rows, height, side, rows).flatMap(row =>
    across.map(col => ({ level, row, col })),
  );
}

/** The cells of a tile of a matrix of `rows` by `cols` elements; the last ones are smaller. */
export function tileRect({ level, row, col }: TileId, rows: number, cols: number): CellRect {
  const side = sideOf(level);
  const rowStart = row * TILE_CELLS;
  const colStart = col * TILE_CELLS;
  return {
    rowStart,
    rowStop: Math.min(rowStart + TILE_CELLS, Math.ceil(rows / side)),
    colStart,
    colStop: Math.min(colStart + TILE_CELLS, Math.ceil(cols / side)),
  };
}

/** A picture that covers a part of a canvas; its corner in device pixels. */
export interface Part {
  readonly picture: Picture;
  readonly x: number;
  readonly y: number;
}

interface Cut {
  readonly at: number;
  readonly length: number;
  readonly placement: Placement;
}

/** The pixels that some cells take, and how the cells lie from the first of them on. */
function cut(placement: Placement, first: number, count: number, pixels: number): Cut {
  const { origin, scale } = placement;
  // Cells that are smaller than pixels share them at the ends: all of the pixels are looked at.
  const pixelOf = (cell: number, rounded: (x: number) => number) =>
    Math.min(pixels, Math.max(0, (scale < 1 ? rounded : Math.round)((cell - origin) * scale)));
  const at = pixelOf(first, Math.floor);
  const length = pixelOf(first + count, Math.ceil) - at;
  return { at, length, placement: { ...placement, origin: origin - first + at / scale } };
}

/**
 * The picture of a grid whose first cell stands at a row and a column of a larger one, laid where
 * the larger one is: `placements` are those of its cells. Null where none of it is seen.
 */
export function composePart(
  grid: PanelGrid,
  first: readonly [row: number, col: number],
  placements: Placements,
  width: number,
  height: number,
  scale: Scale,
  marks: boolean,
): Part | null {
  const rows = cut(placements.rows, first[0], grid.rows.cells, height);
  const cols = cut(placements.cols, first[1], grid.cols.cells, width);
  if (rows.length <= 0 || cols.length <= 0) return null;
  const view = { rows: rows.placement, cols: cols.placement };
  const picture = composePicture(grid, view, cols.length, rows.length, scale, marks);
  return { picture, x: cols.at, y: rows.at };
}
