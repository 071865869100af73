import { COLOR_COUNT, LOOKS, nonFiniteCode } from '../scale/looks';
import { asNumbers, type Numbers } from '../scale/matrix';
import { type Coder, coderOf } from '../scale/scale';
import type { RGBA } from '../scale/types';
import { isInk } from './marks';
import { cellAddress, lineCount, lineOffset, type PanelAxis } from './panelGrid';
import type { Picture } from './picture';
import { pictureHeight, pictureWidth } from './picture';
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

/** Stands for a pixel that shows no cell. */
const NO_CODE = -1;

/** The row line and the column line of a cell. */
export type Cell = readonly [rowLine: number, colLine: number];

/**
 * Which cell stands for several under one pixel, as rowLine * colLines + colLine: the first that
 * is NaN, else +Inf, else -Inf, else the middle one; -1 where there is none.
 */
function shownOfShared(picture: Picture, values: Numbers, x: number, y: number): number {
  const { columns, rows, grid } = picture;
  const colLines = lineCount(grid.cols);
  const col = columns[x * PIXEL_FIELDS + FIELD_FIRST] as number;
  const row = rows[y * PIXEL_FIELDS + FIELD_FIRST] as number;
  const colCount = columns[x * PIXEL_FIELDS + FIELD_COUNT] as number;
  const rowCount = rows[y * PIXEL_FIELDS + FIELD_COUNT] as number;
  const middleRow = row + middleOf(rowCount);
  const middleCol = col + middleOf(colCount);
  let shown = cellAddress(grid, middleRow, middleCol) < 0 ? -1 : middleRow * colLines + middleCol;
  let shownCode = Number.POSITIVE_INFINITY;
  for (let r = row; r < row + rowCount; r++) {
    for (let c = col; c < col + colCount; c++) {
      const address = cellAddress(grid, r, c);
      if (address < 0) continue;
      const code = nonFiniteCode(values[address] as number);
      // The codes of the looks are in the order of their importance.
      if (code > 0 && code < shownCode) {
        shown = r * colLines + c;
        shownCode = code;
      }
    }
  }
  return shown;
}

/** Which cell a pixel of a picture shows; null in gaps and outside. */
export function shownCell(picture: Picture, x: number, y: number): Cell | null {
  const col = picture.columns[x * PIXEL_FIELDS + FIELD_FIRST] ?? NO_LINE;
  const row = picture.rows[y * PIXEL_FIELDS + FIELD_FIRST] ?? NO_LINE;
  if (col === NO_LINE || row === NO_LINE) return null;
  const shown = shownOfShared(picture, asNumbers(picture.grid.values), x, y);
  const colLines = lineCount(picture.grid.cols);
  return shown < 0 ? null : [Math.floor(shown / colLines), shown % colLines];
}

/** What a pixel's line contributes to addresses, worked out once for all pixels across. */
interface Lines {
  /** In elements; of the only line under the pixel. */
  readonly offsets: Int32Array;
  readonly panels: Int32Array;
}

function linesOf(axis: PanelAxis, pixels: PixelAxis): Lines {
  const length = pixels.length / PIXEL_FIELDS;
  const offsets = new Int32Array(length);
  const panels = new Int32Array(length);
  for (let x = 0; x < length; x++) {
    const line = pixels[x * PIXEL_FIELDS + FIELD_FIRST] as number;
    offsets[x] = lineOffset(axis, line);
    panels[x] = Math.floor(line / axis.cells);
  }
  return { offsets, panels };
}

/** Writes the codes of one row of pixels. */
function codeRow(
  picture: Picture,
  values: Numbers,
  coder: Coder,
  across: Lines,
  y: number,
  codes: Int16Array,
): void {
  const { columns, rows, grid } = picture;
  const row = rows[y * PIXEL_FIELDS + FIELD_FIRST] as number;
  codes.fill(NO_CODE);
  if (row === NO_LINE) return;
  const single = rows[y * PIXEL_FIELDS + FIELD_COUNT] === 1;
  const start = grid.offset + lineOffset(grid.rows, row);
  const panelsBefore = Math.floor(row / grid.rows.cells) * grid.cols.panels;
  const colLines = lineCount(grid.cols);
  let before = NO_LINE;
  for (let x = 0; x < codes.length; x++) {
    const at = x * PIXEL_FIELDS;
    const col = columns[at + FIELD_FIRST] as number;
    if (col === NO_LINE) continue;
    // A cell that is several pixels wide is looked up once.
    if (col === before) {
      codes[x] = codes[x - 1] as number;
      continue;
    }
    before = col;
    let address = start + (across.offsets[x] as number);
    if (!single || columns[at + FIELD_COUNT] !== 1) {
      const shown = shownOfShared(picture, values, x, y);
      if (shown < 0) continue;
      address = cellAddress(grid, Math.floor(shown / colLines), shown % colLines);
    } else if (panelsBefore + (across.panels[x] as number) >= grid.panelCount) {
      continue;
    }
    codes[x] = coder(values[address] as number);
  }
}

/** A colour's four bytes as one number, in the order of memory. */
const packed = (color: RGBA) => new Uint32Array(Uint8Array.from(color).buffer)[0] ?? 0;
const inks = new Map(LOOKS.map(look => [look.code, packed(look.ink)]));

/** Draws the marks of one row of pixels over its colours. */
function inkRow(picture: Picture, y: number, codes: Int16Array, line: Uint32Array): void {
  const { columns, rows } = picture;
  const at = y * PIXEL_FIELDS;
  for (let x = 0; x < codes.length; x++) {
    const code = codes[x] as number;
    if (code < COLOR_COUNT) continue;
    const column = x * PIXEL_FIELDS;
    const inked = isInk(
      code,
      x - (columns[column + FIELD_START] as number),
      y - (rows[at + FIELD_START] as number),
      columns[column + FIELD_SIZE] as number,
      rows[at + FIELD_SIZE] as number,
    );
    if (inked) line[x] = inks.get(code) ?? 0;
  }
}

/** The rows of pixels that show the same cells as the one above them: the most, as a rule. */
function sameRow(rows: PixelAxis, y: number): boolean {
  const at = y * PIXEL_FIELDS;
  return (
    y > 0 &&
    rows[at + FIELD_FIRST] === rows[at - PIXEL_FIELDS + FIELD_FIRST] &&
    rows[at + FIELD_COUNT] === rows[at - PIXEL_FIELDS + FIELD_COUNT]
  );
}

/**
 * Writes the pixels of some rows of a picture, RGBA, from `start` on, a row every `pitch` pixels:
 * by default one directly below the other.
 */
type RowsPainter = (
  pixels: Uint32Array,
  firstRow: number,
  endRow: number,
  start?: number,
  pitch?: number,
) => void;

/** Paints a picture bit by bit; what is the same for all rows is found once. */
export function rowsPainter(picture: Picture): RowsPainter {
  const { grid, rows, scale } = picture;
  const width = pictureWidth(picture);
  const values = asNumbers(grid.values);
  const coder = coderOf(scale);
  const across = linesOf(grid.cols, picture.columns);
  const palette = new Uint32Array(scale.palette.slice().buffer);
  const codes = new Int16Array(width);
  return (pixels, firstRow, endRow, start = 0, pitch = width) => {
    // Where the row without its marks was written last.
    let plain = start;
    let isMarked = false;
    for (let y = firstRow; y < endRow; y++) {
      const at = start + (y - firstRow) * pitch;
      const line = pixels.subarray(at, at + width);
      const isSame = y > firstRow && sameRow(rows, y);
      // A cell that is several pixels high is looked up once.
      if (isSame && !isMarked) {
        pixels.copyWithin(at, plain, plain + width);
        continue;
      }
      if (!isSame) {
        codeRow(picture, values, coder, across, y, codes);
        isMarked = picture.marks && codes.some(code => code >= COLOR_COUNT);
      }
      plain = at;
      for (let x = 0; x < width; x++) {
        const code = codes[x] as number;
        line[x] = code === NO_CODE ? 0 : (palette[code] as number);
      }
      if (isMarked) inkRow(picture, y, codes, line);
    }
  };
}

/**
 * The picture's pixels, RGBA, row by row from the top; gaps are transparent. The shader's twin in
 * plain code, and the renderer where WebGL2 is missing or is no faster.
 */
export function rasterize(picture: Picture): Uint8ClampedArray<ArrayBuffer> {
  const height = pictureHeight(picture);
  const pixels = new Uint32Array(pictureWidth(picture) * height);
  rowsPainter(picture)(pixels, 0, height);
  return new Uint8ClampedArray(pixels.buffer);
}
