/**
 * The twin's pixels on their way to a canvas. They lie in one place of memory that is used again
 * for each picture: fresh memory costs more than to fill it.
 */

import { type Picture, pictureHeight, pictureWidth } from './picture';
import { FIELD_FIRST, NO_LINE, PIXEL_FIELDS } from './pixelAxis';
import { rowsPainter } from './rasterize';
import type { Part } from './tiles';

/** So many pixels stay in a processor's cache until they are copied from there: 256 KB. */
const STRIPE_PIXELS = 65_536;

let memory = new Uint32Array(STRIPE_PIXELS);

function pixelsOf(count: number): Uint32Array<ArrayBuffer> {
  if (memory.length < count) memory = new Uint32Array(count);
  return memory.subarray(0, count);
}

function imageOf(pixels: Uint32Array<ArrayBuffer>, width: number): ImageData {
  const bytes = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return new ImageData(bytes, width, pixels.length / width);
}

/** From so many rows on, those that show nothing are not worth their way. */
const MIN_BLANK_ROWS = 8;

/** The first row of pixels that shows cells, from a row on; the height where there is none. */
function nextShown({ rows }: Picture, row: number): number {
  let at = row * PIXEL_FIELDS;
  while (at < rows.length && rows[at + FIELD_FIRST] === NO_LINE) at += PIXEL_FIELDS;
  return at / PIXEL_FIELDS;
}

/** Where a stripe ends that begins at a row: before the next rows that show nothing. */
function stripeEnd(picture: Picture, row: number, last: number): number {
  let end = row;
  while (end < last) {
    const next = nextShown(picture, end);
    if (next - end >= MIN_BLANK_ROWS) break;
    end = next + 1;
  }
  return Math.min(end, last);
}

/** What becomes of a picture's rows of pixels, from the top to the bottom. */
interface Stripes {
  /** Pixels, which are gone when this returns, from a row on. */
  readonly put: (pixels: ImageData, firstRow: number) => void;
  /** So many rows from a row on show nothing. */
  readonly clear: (firstRow: number, rows: number) => void;
}

/** A picture in stripes; the titles between the maps of a gallery are not among them. */
export function rasterizeStripes(picture: Picture, { put, clear }: Stripes): void {
  const width = pictureWidth(picture);
  const height = pictureHeight(picture);
  const most = Math.max(1, Math.floor(STRIPE_PIXELS / width));
  const paintRows = rowsPainter(picture);
  for (let row = 0; row < height; ) {
    const end = stripeEnd(picture, row, Math.min(row + most, height));
    if (end === row) {
      const next = nextShown(picture, row);
      clear(row, next - row);
      row = next;
      continue;
    }
    const pixels = pixelsOf((end - row) * width);
    paintRows(pixels, row, end);
    put(imageOf(pixels, width), row);
    row = end;
  }
}

/**
 * Pictures over one another in one image of `width` by `height`, which they are to cover: each that
 * is sent by itself to a canvas that a graphics processor keeps costs it a copy of all of it. The
 * pixels are gone when the next image is made.
 */
export function rasterizeParts(parts: readonly Part[], width: number, height: number): ImageData {
  const pixels = pixelsOf(width * height);
  pixels.fill(0);
  for (const { picture, x, y } of parts) {
    rowsPainter(picture)(pixels, 0, pictureHeight(picture), y * width + x, width);
  }
  return imageOf(pixels, width);
}
