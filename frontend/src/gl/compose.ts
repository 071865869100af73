import type { Scale } from '../scale/types';
import { findNonFiniteLines, type NonFiniteLines, type PanelGrid } from './panelGrid';
import type { Picture } from './picture';
import { hasSharedPixels, keepFlaggedLines, type Placement, pixelAxis } from './pixelAxis';

/** How the rows and the columns of a grid are laid on the pixels. */
export interface Placements {
  readonly rows: Placement;
  readonly cols: Placement;
}

const nonFiniteLines = new WeakMap<PanelGrid, NonFiniteLines>();

/** Which lines of a grid hold a NaN or an infinity; found once for each grid. */
export function nonFiniteLinesOf(grid: PanelGrid): NonFiniteLines {
  let lines = nonFiniteLines.get(grid);
  if (lines === undefined) {
    lines = findNonFiniteLines(grid);
    nonFiniteLines.set(grid, lines);
  }
  return lines;
}

/**
 * A picture of a grid, `width` by `height` device pixels.
 *
 * Where several elements share a pixel, the middle one is drawn, unless one of them is not finite:
 * a NaN is never lost to the size of the screen.
 */
export function composePicture(
  grid: PanelGrid,
  placements: Placements,
  width: number,
  height: number,
  scale: Scale,
  marks: boolean,
): Picture {
  let columns = pixelAxis(grid.cols, placements.cols, width);
  let rows = pixelAxis(grid.rows, placements.rows, height);
  if (hasSharedPixels(columns) || hasSharedPixels(rows)) {
    const flagged = nonFiniteLinesOf(grid);
    columns = keepFlaggedLines(columns, flagged.cols);
    rows = keepFlaggedLines(rows, flagged.rows);
  }
  return { grid, columns, rows, scale, marks };
}
