import type { Placements } from '../gl/compose';
import type { Placement } from '../gl/pixelAxis';

/** Pictures thinner than this look like lines, so their cells give up being square. */
const MIN_SQUARE_EXTENT = 120;
/** How far the short side of such a picture is stretched, where its cells allow. */
const STRETCHED_EXTENT = 240;
/** Whole pixels a cell are worth leaving at most this share of the width free. */
const WHOLE_PIXEL_SHARE = 0.75;
/** The largest cells that zooming in goes to, in CSS pixels: room for a number. */
const MAX_ZOOMED_CELL = 72;

/** What a picture is fitted into. Extents are in cells, gaps included; sizes in CSS pixels. */
export interface FitRequest {
  readonly rowExtent: number;
  readonly colExtent: number;
  readonly gap: number;
  readonly width: number;
  readonly height: number;
  /** The largest cell that fitting makes. */
  readonly maxCell: number;
  /** Whether cells are to stay square, however thin the picture. */
  readonly square: boolean;
  /** Device pixels per CSS pixel. */
  readonly dpr: number;
}

/** A picture that shows everything: its size in device pixels, and how cells lie on them. */
export interface Fit {
  readonly width: number;
  readonly height: number;
  readonly placements: Placements;
  readonly rowExtent: number;
  readonly colExtent: number;
  readonly dpr: number;
}

function wholePixels(scale: number): number {
  const whole = Math.floor(scale);
  return whole >= 1 && whole / scale >= WHOLE_PIXEL_SHARE ? whole : scale;
}

function stretched(scale: number, extent: number, available: number, maxCell: number): number {
  if (scale * extent >= MIN_SQUARE_EXTENT) return scale;
  return Math.max(scale, Math.min(STRETCHED_EXTENT / extent, available / extent, maxCell));
}

/**
 * The size and the cells of a picture that shows all of a grid: square cells where that looks
 * right, whole device pixels where it costs little space, no larger than cells need be.
 */
export function fitPicture(request: FitRequest): Fit {
  const { rowExtent, colExtent, gap, maxCell, dpr } = request;
  const square = Math.min(request.width / colExtent, request.height / rowExtent, maxCell);
  let colScale = square;
  let rowScale = square;
  if (!request.square) {
    colScale = stretched(square, colExtent, request.width, maxCell);
    rowScale = stretched(square, rowExtent, request.height, maxCell);
  }
  const cols: Placement = { gap, origin: 0, scale: wholePixels(colScale * dpr) };
  const rows: Placement = { gap, origin: 0, scale: wholePixels(rowScale * dpr) };
  return {
    width: Math.max(1, Math.round(colExtent * cols.scale)),
    height: Math.max(1, Math.round(rowExtent * rows.scale)),
    placements: { rows, cols },
    rowExtent,
    colExtent,
    dpr,
  };
}

function clamped(placement: Placement, extent: number, pixels: number): Placement {
  const last = Math.max(0, extent - pixels / placement.scale);
  return { ...placement, origin: Math.min(last, Math.max(0, placement.origin)) };
}

/** Placements that stay within the picture: nothing beyond the first and the last cell. */
function clampedBoth(fit: Fit, rows: Placement, cols: Placement): Placements {
  return {
    rows: clamped(rows, fit.rowExtent, fit.height),
    cols: clamped(cols, fit.colExtent, fit.width),
  };
}

function zoomedAxis(from: Placement, fitted: Placement, factor: number, at: number, max: number) {
  const largest = Math.max(max, fitted.scale);
  const scale = Math.min(largest, Math.max(fitted.scale, from.scale * factor));
  const held = from.origin + at / from.scale;
  return { ...from, scale, origin: held - at / scale };
}

/**
 * The view after zooming by a factor about a point (device pixels), which stays where it is. The
 * least zoom is the fit. Each direction ends at its own largest cell, so cells become square.
 */
export function zoomed(
  fit: Fit,
  from: Placements,
  factor: number,
  x: number,
  y: number,
): Placements {
  const max = MAX_ZOOMED_CELL * fit.dpr;
  return clampedBoth(
    fit,
    zoomedAxis(from.rows, fit.placements.rows, factor, y, max),
    zoomedAxis(from.cols, fit.placements.cols, factor, x, max),
  );
}

/** The view after moving the picture by device pixels, as a drag does. */
export function panned(fit: Fit, from: Placements, dx: number, dy: number): Placements {
  return clampedBoth(
    fit,
    { ...from.rows, origin: from.rows.origin - dy / from.rows.scale },
    { ...from.cols, origin: from.cols.origin - dx / from.cols.scale },
  );
}

function scrolledTo(placement: Placement, start: number, pixels: number): Placement {
  const end = placement.origin + pixels / placement.scale;
  if (start < placement.origin) return { ...placement, origin: start };
  if (start + 1 > end) return { ...placement, origin: start + 1 - pixels / placement.scale };
  return placement;
}

/** The view moved just so far that a cell, whose starts are given in cells, is inside. */
export function revealed(
  fit: Fit,
  from: Placements,
  rowStart: number,
  colStart: number,
): Placements {
  return clampedBoth(
    fit,
    scrolledTo(from.rows, rowStart, fit.height),
    scrolledTo(from.cols, colStart, fit.width),
  );
}

/** Whether a view shows less than everything. */
export function isZoomed(fit: Fit, view: Placements): boolean {
  const { rows, cols } = fit.placements;
  return view.rows.scale > rows.scale || view.cols.scale > cols.scale;
}
