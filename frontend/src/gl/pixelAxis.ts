import { lineCount, type PanelAxis } from './panelGrid';

/**
 * What lies under each device pixel along one direction of a picture: four integers a pixel.
 * The shader and its twin both read this table, so they cannot disagree about places.
 */
export type PixelAxis = Int32Array<ArrayBuffer>;

export const PIXEL_FIELDS = 4;
/** The first line under the pixel; `NO_LINE` in a gap and outside. */
export const FIELD_FIRST = 0;
/** How many lines lie under the pixel; more than one where cells are smaller than pixels. */
export const FIELD_COUNT = 1;
/** Where the cell under the pixel begins, in device pixels; it may lie outside of the picture. */
export const FIELD_START = 2;
/** How many device pixels the cell takes. */
export const FIELD_SIZE = 3;

export const NO_LINE = -1;

/** How cells are laid along a direction: `gap` and `origin` in cells, `scale` in pixels a cell. */
export interface Placement {
  /** Free space between panels. */
  readonly gap: number;
  /** What stands at the first pixel's leading border, in cells from the first panel's start. */
  readonly origin: number;
  readonly scale: number;
}

/** The length of an axis in cells, gaps included. */
export function axisLength(axis: PanelAxis, gap: number): number {
  return lineCount(axis) + Math.max(0, axis.panels - 1) * gap;
}

/** Where a line begins, in cells from the start of the axis. */
export function lineStart(axis: PanelAxis, gap: number, line: number): number {
  return line + Math.floor(line / axis.cells) * gap;
}

/** How many lines begin before a place that is given in cells. */
function linesBefore(axis: PanelAxis, gap: number, place: number): number {
  if (place <= 0) return 0;
  const period = axis.cells + gap;
  const panel = Math.min(axis.panels - 1, Math.floor(place / period));
  const within = Math.min(axis.cells, Math.ceil(place - panel * period));
  return panel * axis.cells + within;
}

function placeLargeCells(pixels: PixelAxis, axis: PanelAxis, placement: Placement): void {
  const { gap, origin, scale } = placement;
  const length = pixels.length / PIXEL_FIELDS;
  const pixelOf = (place: number) => Math.round((place - origin) * scale);
  const lines = lineCount(axis);
  // The line that begins before the first pixel may still reach into it.
  for (let line = Math.max(0, linesBefore(axis, gap, origin) - 1); line < lines; line++) {
    const place = lineStart(axis, gap, line);
    const start = pixelOf(place);
    const end = pixelOf(place + 1);
    if (start >= length) break;
    for (let x = Math.max(0, start); x < Math.min(end, length); x++) {
      pixels.set([line, 1, start, end - start], x * PIXEL_FIELDS);
    }
  }
}

function placeSmallCells(pixels: PixelAxis, axis: PanelAxis, placement: Placement): void {
  const { gap, origin, scale } = placement;
  const length = pixels.length / PIXEL_FIELDS;
  let first = linesBefore(axis, gap, origin);
  for (let x = 0; x < length; x++) {
    // Every line belongs to exactly one pixel: none is left out, however small the picture.
    const next = linesBefore(axis, gap, origin + (x + 1) / scale);
    if (next > first) pixels.set([first, next - first, x, 1], x * PIXEL_FIELDS);
    first = next;
  }
}

/** The table of `length` device pixels along an axis. */
export function pixelAxis(axis: PanelAxis, placement: Placement, length: number): PixelAxis {
  const pixels = new Int32Array(length * PIXEL_FIELDS);
  for (let x = 0; x < length; x++) pixels[x * PIXEL_FIELDS] = NO_LINE;
  if (lineCount(axis) === 0) return pixels;
  if (placement.scale >= 1) placeLargeCells(pixels, axis, placement);
  else placeSmallCells(pixels, axis, placement);
  return pixels;
}

/**
 * The table with only the middle line under each pixel, except where one of the lines is flagged:
 * there all of them stay, so that a single NaN among the elements of a pixel is still found.
 */
export function keepFlaggedLines(pixels: PixelAxis, flags: Uint8Array): PixelAxis {
  const kept = pixels.slice();
  for (let at = 0; at < kept.length; at += PIXEL_FIELDS) {
    const first = kept[at + FIELD_FIRST] as number;
    const count = kept[at + FIELD_COUNT] as number;
    if (count <= 1 || flags.subarray(first, first + count).includes(1)) continue;
    kept[at + FIELD_FIRST] = first + middleOf(count);
    kept[at + FIELD_COUNT] = 1;
  }
  return kept;
}

/** Which of `count` lines under a pixel stands for them, counted from the first. */
export function middleOf(count: number): number {
  return (count - 1) >> 1;
}

/** Whether any pixel covers several lines. */
export function hasSharedPixels(pixels: PixelAxis): boolean {
  for (let at = FIELD_COUNT; at < pixels.length; at += PIXEL_FIELDS) {
    if ((pixels[at] as number) > 1) return true;
  }
  return false;
}
