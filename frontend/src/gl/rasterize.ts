import { COLOR_COUNT, isNonFinite, LOOKS } from '../scale/looks';
import { asNumbers } from '../scale/matrix';
import { codeOf } from '../scale/scale';
import type { RGBA, Scale } from '../scale/types';
import { isInk } from './marks';
import { cellAddress, type PanelGrid } from './panelGrid';
import {
  FIELD_COUNT,
  FIELD_FIRST,
  FIELD_SIZE,
  FIELD_START,
  middleOf,
  NO_LINE,
  PIXEL_FIELDS,
  type PixelAxis,
} from './pixelAxis';

/** One picture to draw: a grid, what lies under each column and row of pixels, and the scale. */
export interface Picture {
  readonly grid: PanelGrid;
  readonly columns: PixelAxis;
  readonly rows: PixelAxis;
  readonly scale: Scale;
  /** Whether large special cells carry their mark. */
  readonly marks: boolean;
}

export function pictureWidth(picture: Picture): number {
  return picture.columns.length / PIXEL_FIELDS;
}

export function pictureHeight(picture: Picture): number {
  return picture.rows.length / PIXEL_FIELDS;
}

/** The row line and the column line of a cell. */
export type Cell = readonly [rowLine: number, colLine: number];

/**
 * Which cell a pixel shows: the one under it; of several, the first that is NaN, else +Inf, else
 * -Inf, else the middle one. Null in gaps.
 */
export function shownCell(picture: Picture, x: number, y: number): Cell | null {
  const { columns, rows, grid, scale } = picture;
  const col = columns[x * PIXEL_FIELDS + FIELD_FIRST] ?? NO_LINE;
  const row = rows[y * PIXEL_FIELDS + FIELD_FIRST] ?? NO_LINE;
  if (col === NO_LINE || row === NO_LINE) return null;
  const colCount = columns[x * PIXEL_FIELDS + FIELD_COUNT] as number;
  const rowCount = rows[y * PIXEL_FIELDS + FIELD_COUNT] as number;
  const middle: Cell = [row + middleOf(rowCount), col + middleOf(colCount)];
  if (colCount === 1 && rowCount === 1) return cellAddress(grid, row, col) < 0 ? null : middle;

  const values = asNumbers(grid.values);
  let shown: Cell | null = cellAddress(grid, ...middle) < 0 ? null : middle;
  let shownCode = COLOR_COUNT + LOOKS.length;
  for (let r = row; r < row + rowCount; r++) {
    for (let c = col; c < col + colCount; c++) {
      const address = cellAddress(grid, r, c);
      if (address < 0) continue;
      const code = codeOf(scale, values[address] as number);
      // The codes of the looks are in the order of their importance.
      if (isNonFinite(code) && code < shownCode) {
        shown = [r, c];
        shownCode = code;
      }
    }
  }
  return shown;
}

/** A colour's four bytes as one number, in the order of memory. */
const packed = (color: RGBA) => new Uint32Array(Uint8Array.from(color).buffer)[0] ?? 0;
const inks = new Map(LOOKS.map(look => [look.code, packed(look.ink)]));

/**
 * The picture's pixels, RGBA, row by row from the top: the shader's twin in plain code, and the
 * renderer where there is no WebGL2. Gaps are transparent.
 */
export function rasterize(picture: Picture): Uint8ClampedArray<ArrayBuffer> {
  const { grid, columns, rows, scale, marks } = picture;
  const width = pictureWidth(picture);
  const height = pictureHeight(picture);
  const values = asNumbers(grid.values);
  const palette = new Uint32Array(scale.palette.slice().buffer);
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = shownCell(picture, x, y);
      if (cell === null) continue;
      const code = codeOf(scale, values[cellAddress(grid, ...cell)] as number);
      const ink = marks && code >= COLOR_COUNT ? inks.get(code) : undefined;
      const column = x * PIXEL_FIELDS;
      const row = y * PIXEL_FIELDS;
      const inked =
        ink !== undefined &&
        isInk(
          code,
          x - (columns[column + FIELD_START] as number),
          y - (rows[row + FIELD_START] as number),
          columns[column + FIELD_SIZE] as number,
          rows[row + FIELD_SIZE] as number,
        );
      pixels[y * width + x] = inked ? ink : (palette[code] as number);
    }
  }
  return new Uint8ClampedArray(pixels.buffer);
}
