/**
 * The twin's pixels on their way to a canvas. They lie in one place of memory that is used again
 * for each picture: fresh memory costs more than to fill it.
 */

import { type Picture, pictureHeight, pictureWidth } from './picture';
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

/**
 * A picture in stripes from the top to the bottom, each told with the row that it begins at. The
 * pixels of a stripe are gone when `put` returns.
 */
export function rasterizeStripes(
  picture: Picture,
  put: (pixels: ImageData, firstRow: number) => void,
): void {
  const width = pictureWidth(picture);
  const height = pictureHeight(picture);
  const most = Math.max(1, Math.floor(STRIPE_PIXELS / width));
  const paintRows = rowsPainter(picture);
  for (let row = 0; row < height; row += most) {
    const count = Math.min(most, height - row);
    const pixels = pixelsOf(count * width);
    paintRows(pixels, row, row + count);
    put(imageOf(pixels, width), row);
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
