import { nonFiniteLinesOf, type Placements } from '../gl/compose';
import { gridOfMatrix, lineCount, type PanelAxis, type PanelGrid } from '../gl/panelGrid';
import { keepFlaggedLines, pixelAxis } from '../gl/pixelAxis';
import type { Cell } from '../gl/rasterize';
import { paintParts } from '../gl/renderer';
import {
  composePart,
  levelFor,
  type Part,
  sideOf,
  TILE_CELLS,
  type TileId,
  visibleTiles,
} from '../gl/tiles';
import { addressAt } from '../scale/matrix';
import type { Matrix, Scale } from '../scale/types';
import { inBlocks } from './CellFrame';
import { drawNumbers, hasRoomForNumbers } from './numbers';
import { indexName, type Readout, readoutOf } from './readout';
import type { NonFinitePlaces, Scene } from './scene';
import type { Tile, TileCache, TileSource } from './tileCache';
import type { Axis } from './types';
import type { Fit } from './view';

/** How far beyond the view tiles are loaded, as a share of its width and height. */
const MARGIN = 0.25;
/** Cells from this size on, in CSS pixels, are seen without ticks that point at them. */
const EVIDENT_CELL = 12;

const grids = new WeakMap<Matrix, PanelGrid>();

/** The grid of a matrix: the same one each time, as what is found out about it is kept with it. */
function gridOf(matrix: Matrix): PanelGrid {
  let grid = grids.get(matrix);
  if (grid === undefined) {
    grid = gridOfMatrix(matrix);
    grids.set(matrix, grid);
  }
  return grid;
}

/** The level that a view of a source is drawn at. */
export function shownLevel({ finest, overviewLevel }: TileSource, view: Placements): number {
  return levelFor(Math.min(view.rows.scale, view.cols.scale), finest, overviewLevel);
}

function widened(view: Placements, fit: Fit): [view: Placements, width: number, height: number] {
  const { rows, cols } = view;
  const across = (fit.width * MARGIN) / cols.scale;
  const down = (fit.height * MARGIN) / rows.scale;
  return [
    {
      rows: { ...rows, origin: rows.origin - down },
      cols: { ...cols, origin: cols.origin - across },
    },
    fit.width * (1 + 2 * MARGIN),
    fit.height * (1 + 2 * MARGIN),
  ];
}

function flaggedPlaces(overview: Matrix, view: Placements, fit: Fit): NonFinitePlaces | null {
  const grid = gridOf(overview);
  const flagged = nonFiniteLinesOf(grid);
  if (!flagged.rows.includes(1)) return null;
  const axisOf = (
    axis: PanelAxis,
    placement: Placements['rows'],
    pixels: number,
    flags: Uint8Array,
  ) => keepFlaggedLines(pixelAxis(axis, placement, pixels), flags);
  return {
    rowFlags: flagged.rows,
    colFlags: flagged.cols,
    rows: axisOf(grid.rows, view.rows, fit.height, flagged.rows),
    columns: axisOf(grid.cols, view.cols, fit.width, flagged.cols),
  };
}

/** Where a cell is found: in a tile of its level or, until that is there, in the overview. */
export interface FoundCell {
  readonly tile: Tile;
  /** The address of the cell in the tile's matrix. */
  readonly address: number;
  /** The cell of the level that was found, and how many elements that is high and wide. */
  readonly cell: Cell;
  readonly block: number;
}

/** The cell of a level, as exactly as it is known. */
export function cellOf(cache: TileCache, level: number, cell: Cell): FoundCell {
  const { source } = cache;
  const [row, col] = cell;
  const id = { level, row: Math.floor(row / TILE_CELLS), col: Math.floor(col / TILE_CELLS) };
  const tile = level === source.overviewLevel ? undefined : cache.get(id);
  if (tile !== undefined) {
    const address = addressAt(tile.matrix, row - id.row * TILE_CELLS, col - id.col * TILE_CELLS);
    return { tile, address, cell, block: sideOf(level) };
  }
  const { overview, overviewLevel } = source;
  const coarser = sideOf(overviewLevel - level);
  const outer: Cell = [Math.floor(row / coarser), Math.floor(col / coarser)];
  const address = addressAt(overview.matrix, ...outer);
  return { tile: overview, address, cell: outer, block: sideOf(overviewLevel) };
}

function readCell({ tile, address, cell, block }: FoundCell, axes: readonly [Axis, Axis]): Readout {
  const [rowAxis, colAxis] = axes.map(axis => ({ ...axis, block })) as [Axis, Axis];
  return {
    ...readoutOf(
      [...cell],
      [indexName(rowAxis, cell[0]), indexName(colAxis, cell[1])],
      tile.matrix.values[address] ?? Number.NaN,
      tile.wording.told(address),
    ),
    block,
  };
}

/**
 * What a view of a source shows: the tiles of the level that the screen has pixels for, over the
 * overview where they have not come yet.
 */
export function tileScene(
  cache: TileCache,
  axes: readonly [rowAxis: Axis, colAxis: Axis],
  scale: Scale,
  view: Placements,
  fit: Fit,
): Scene {
  const { source } = cache;
  const { rows, cols, overview, overviewLevel } = source;
  const level = shownLevel(source, view);
  const block = sideOf(level);
  const places = inBlocks(view, block);
  const isOverview = level === overviewLevel;
  const ids = isOverview ? [] : visibleTiles(view, fit.width, fit.height, level, rows, cols);
  const numbers = hasRoomForNumbers(places.cols.scale, places.rows.scale, fit.dpr);
  const overviewPlaces = inBlocks(view, sideOf(overviewLevel));
  const firstOf = ({ row, col }: TileId): Cell => [row * TILE_CELLS, col * TILE_CELLS];
  const tiles = ids.map(id => ({ id, tile: cache.get(id) }));

  const part = (matrix: Matrix, first: Cell, laid: Placements) =>
    composePart(gridOf(matrix), first, laid, fit.width, fit.height, scale, !numbers);
  const draw = (canvas: HTMLCanvasElement) => {
    const fine = tiles.flatMap(({ id, tile }): Part[] => {
      const found = tile && part(tile.matrix, firstOf(id), places);
      return found ? [found] : [];
    });
    const isWhole = !isOverview && tiles.every(({ tile }) => tile !== undefined);
    const coarse = isWhole ? null : part(overview.matrix, [0, 0], overviewPlaces);
    paintParts(canvas, fit.width, fit.height, coarse ? [coarse, ...fine] : fine, true);
    if (numbers) for (const each of fine) drawNumbers(canvas, each, fit.dpr);
    cache.want(isOverview ? [] : visibleTiles(...widened(view, fit), level, rows, cols));
  };

  const cellSize = Math.min(places.rows.scale, places.cols.scale);
  const describe = (cell: Cell) => readCell(cellOf(cache, level, cell), axes);
  const lines = {
    rows: { panels: 1, cells: Math.ceil(rows / block), panelStride: 0, cellStride: 1 },
    cols: { panels: 1, cells: Math.ceil(cols / block), panelStride: 0, cellStride: 1 },
  };
  return {
    block,
    draw,
    cellAt: (x, y) => {
      const row = Math.floor(places.rows.origin + (y + 0.5) / places.rows.scale);
      const col = Math.floor(places.cols.origin + (x + 0.5) / places.cols.scale);
      const isThere = row >= 0 && col >= 0;
      return isThere && row < lineCount(lines.rows) && col < lineCount(lines.cols)
        ? [row, col]
        : null;
    },
    describe,
    nonFinite:
      cellSize < EVIDENT_CELL * fit.dpr
        ? flaggedPlaces(overview.matrix, overviewPlaces, fit)
        : null,
  };
}
