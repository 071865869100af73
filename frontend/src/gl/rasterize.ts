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

/** Fields of a run: neighbouring pixels that show the same column of cells. */
const RUN_FIELDS = 4;
const RUN_START = 0;
const RUN_END = 1;
/** How far the elements of its column lie from those of column 0; of the only one under a pixel. */
const RUN_OFFSET = 2;
/** The panel that its column is in; `SHARED` where several columns lie under its pixel. */
const RUN_PANEL = 3;
const SHARED = -1;

/** The pixels across by runs, gaps left out: worked out once for all rows of pixels. */
function runsOf(axis: PanelAxis, pixels: PixelAxis): Int32Array {
  const length = pixels.length / PIXEL_FIELDS;
  const runs = new Int32Array(length * RUN_FIELDS);
  let count = 0;
  for (let x = 0; x < length; ) {
    const line = pixels[x * PIXEL_FIELDS + FIELD_FIRST] as number;
    const isShared = pixels[x * PIXEL_FIELDS + FIELD_COUNT] !== 1;
    const start = x++;
    while (x < length && pixels[x * PIXEL_FIELDS + FIELD_FIRST] === line) x++;
    if (line === NO_LINE) continue;
    const at = count++ * RUN_FIELDS;
    runs[at + RUN_START] = start;
    runs[at + RUN_END] = x;
    runs[at + RUN_OFFSET] = lineOffset(axis, line);
    runs[at + RUN_PANEL] = isShared ? SHARED : Math.floor(line / axis.cells);
  }
  return runs.subarray(0, count * RUN_FIELDS);
}

/** Writes the codes of one row of pixels, one for each run. */
function codeRow(
  picture: Picture,
  values: Numbers,
  coder: Coder,
  runs: Int32Array,
  y: number,
  codes: Int16Array,
): void {
  const { rows, grid } = picture;
  const row = rows[y * PIXEL_FIELDS + FIELD_FIRST] as number;
  if (row === NO_LINE) {
    codes.fill(NO_CODE);
    return;
  }
  const single = rows[y * PIXEL_FIELDS + FIELD_COUNT] === 1;
  const start = grid.offset + lineOffset(grid.rows, row);
  // Of the last row of panels some may be blank.
  const panels = grid.panelCount - Math.floor(row / grid.rows.cells) * grid.cols.panels;
  const colLines = lineCount(grid.cols);
  for (let run = 0, at = 0; run < codes.length; run++, at += RUN_FIELDS) {
    const panel = runs[at + RUN_PANEL] as number;
    let address = start + (runs[at + RUN_OFFSET] as number);
    if (!single || panel === SHARED) {
      const shown = shownOfShared(picture, values, runs[at + RUN_START] as number, y);
      address = shown < 0 ? -1 : cellAddress(grid, Math.floor(shown / colLines), shown % colLines);
    } else if (panel >= panels) address = -1;
    codes[run] = address < 0 ? NO_CODE : coder(values[address] as number);
  }
}

/** A colour's four bytes as one number, in the order of memory. */
const packed = (color: RGBA) => new Uint32Array(Uint8Array.from(color).buffer)[0] ?? 0;
const inks = new Map(LOOKS.map(look => [look.code, packed(look.ink)]));

/** From this width on it is faster to have the pixels of a run filled than to write them. */
const FILL_PIXELS = 6;

/** Writes the colours of one row of pixels, of which those in gaps are clear. */
function colorRow(
  runs: Int32Array,
  codes: Int16Array,
  palette: Uint32Array,
  line: Uint32Array,
): void {
  for (let run = 0, at = 0; run < codes.length; run++, at += RUN_FIELDS) {
    const code = codes[run] as number;
    if (code === NO_CODE) continue;
    const color = palette[code] as number;
    const end = runs[at + RUN_END] as number;
    let x = runs[at + RUN_START] as number;
    if (end - x >= FILL_PIXELS) line.fill(color, x, end);
    else while (x < end) line[x++] = color;
  }
}

/** Draws the marks of one row of pixels over its colours. */
function inkRow(
  picture: Picture,
  runs: Int32Array,
  y: number,
  codes: Int16Array,
  line: Uint32Array,
): void {
  const { columns, rows } = picture;
  const row = y * PIXEL_FIELDS;
  for (let run = 0, at = 0; run < codes.length; run++, at += RUN_FIELDS) {
    const code = codes[run] as number;
    if (code < COLOR_COUNT) continue;
    const end = runs[at + RUN_END] as number;
    for (let x = runs[at + RUN_START] as number; x < end; x++) {
      const column = x * PIXEL_FIELDS;
      const inked = isInk(
        code,
        x - (columns[column + FIELD_START] as number),
        y - (rows[row + FIELD_START] as number),
        columns[column + FIELD_SIZE] as number,
        rows[row + FIELD_SIZE] as number,
      );
      if (inked) line[x] = inks.get(code) ?? 0;
    }
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
  const runs = runsOf(grid.cols, picture.columns);
  const palette = new Uint32Array(scale.palette.slice().buffer);
  const codes = new Int16Array(runs.length / RUN_FIELDS);
  return (pixels, firstRow, endRow, start = 0, pitch = width) => {
    // Where the row without its marks was written last.
    let plain = start;
    let isMarked = false;
    for (let y = firstRow; y < endRow; y++) {
      const at = start + (y - firstRow) * pitch;
      const isSame = y > firstRow && sameRow(rows, y);
      // A cell that is several pixels high is looked up once.
      if (isSame && !isMarked) {
        pixels.copyWithin(at, plain, plain + width);
        continue;
      }
      if (!isSame) {
        codeRow(picture, values, coder, runs, y, codes);
        isMarked = picture.marks && codes.some(code => code >= COLOR_COUNT);
      }
      plain = at;
      const line = pixels.subarray(at, at + width);
      line.fill(0);
      colorRow(runs, codes, palette, line);
      if (isMarked) inkRow(picture, runs, y, codes, line);
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
