import { CODE_ABOVE, CODE_BELOW, CODE_NAN, CODE_NEG_INF, CODE_POS_INF } from '../scale/looks';

/** Cells smaller than this, in device pixels, have no room for a mark: the colour alone tells. */
export const MARK_MIN_PIXELS = 8;

/**
 * Whether a pixel of a special cell is ink. Marks tell the looks apart without colour: a cross is
 * NaN, a filled triangle an infinity, an open one a value out of range, each pointing to its side.
 *
 * Whole numbers only, so that the shader (`shader.ts`) does exactly the same.
 *
 * @param x the pixel's place in the cell, from 0 to `width` - 1; `y` likewise, downwards.
 */
export function isInk(code: number, x: number, y: number, width: number, height: number): boolean {
  const side = Math.min(width, height);
  if (side < MARK_MIN_PIXELS) return false;
  // Twice the distance from the cell's centre, which may lie between two pixels.
  const u = Math.abs(2 * x + 1 - width);
  const v = 2 * y + 1 - height;
  const reach = Math.floor((side * 5) / 8);
  const stroke = Math.max(1, Math.floor(side / 6));
  if (u > reach || Math.abs(v) > reach) return false;
  switch (code) {
    case CODE_NAN:
      return Math.abs(u - Math.abs(v)) <= stroke;
    case CODE_POS_INF:
      return 2 * u <= v + reach;
    case CODE_NEG_INF:
      return 2 * u <= reach - v;
    case CODE_ABOVE:
      return 2 * u <= v + reach && v + reach - 2 * u <= 3 * stroke;
    case CODE_BELOW:
      return 2 * u <= reach - v && reach - v - 2 * u <= 3 * stroke;
    default:
      return false;
  }
}
