import { CODE_NAN } from '../scale/looks';
import { coderOf } from '../scale/scale';
import type { RGBA, Scale } from '../scale/types';
import type { HealthRow } from '../state/healthCells';

/**
 * The columns of a row that fall on each pixel, as the one that tells most: one that holds what is
 * not finite, else the greatest value; -1 where none was recorded.
 */
export function columnsOnPixels(row: HealthRow, width: number): Int32Array {
  const { values, nonFinite } = row;
  const count = values.length;
  const found = new Int32Array(width).fill(-1);
  for (let x = 0; x < width; x++) {
    const first = Math.floor((x * count) / width);
    const end = Math.max(first + 1, Math.ceil(((x + 1) * count) / width - 1e-9));
    for (let column = first; column < Math.min(end, count); column++) {
      const best = found[x] as number;
      if ((nonFinite[column] ?? 0) > 0) {
        found[x] = column;
        break;
      }
      const value = values[column] ?? Number.NaN;
      if (!Number.isNaN(value) && (best < 0 || value > (values[best] ?? 0))) found[x] = column;
    }
  }
  return found;
}

/** One line of pixels, RGBA: what was not recorded is transparent. */
export function paintRow(
  row: HealthRow,
  scale: Scale,
  width: number,
  out: Uint8ClampedArray,
): void {
  const code = coderOf(scale);
  const { palette } = scale;
  let before = -1;
  let at = 0;
  columnsOnPixels(row, width).forEach((column, x) => {
    if (column < 0) return;
    if (column !== before) {
      const isBad = (row.nonFinite[column] ?? 0) > 0;
      at = (isBad ? CODE_NAN : code(row.values[column] ?? Number.NaN)) * 4;
      before = column;
    }
    for (let part = 0; part < 4; part++) out[x * 4 + part] = palette[at + part] as number;
  });
}

/** A row is so many lines of pixels, of which the last is blank: the space below it. */
export const LINES_PER_ROW = 9;

const packed = (color: RGBA) => new Uint32Array(Uint8Array.from(color).buffer)[0] ?? 0;

/**
 * Paints rows in one scale and width, each of them once: scrolling brings most of them again.
 * `blank` lies between them, and where nothing was recorded: a picture without holes is shown as
 * it is, where others are mixed with what lies below, which takes as long again.
 */
export class RowPainter {
  readonly #lines = new WeakMap<HealthRow, Uint32Array>();
  readonly #blank: number;
  #picture: ImageData | null = null;

  constructor(
    readonly scale: Scale,
    readonly width: number,
    blank: RGBA,
  ) {
    this.#blank = packed(blank);
  }

  /** Some rows, one below the other; the next call writes over what this one returns. */
  paint(rows: readonly HealthRow[]): ImageData {
    const { width } = this;
    const height = Math.max(1, rows.length) * LINES_PER_ROW;
    if (this.#picture?.height !== height) this.#picture = new ImageData(width, height);
    const pixels = new Uint32Array(this.#picture.data.buffer).fill(this.#blank);
    rows.forEach((row, place) => {
      const line = this.#lineOf(row);
      const start = place * LINES_PER_ROW;
      for (let at = start; at < start + LINES_PER_ROW - 1; at++) pixels.set(line, at * width);
    });
    return this.#picture;
  }

  #lineOf(row: HealthRow): Uint32Array {
    const known = this.#lines.get(row);
    if (known !== undefined) return known;
    const bytes = new Uint8ClampedArray(this.width * 4);
    paintRow(row, this.scale, this.width, bytes);
    const line = new Uint32Array(bytes.buffer).map(pixel => (pixel === 0 ? this.#blank : pixel));
    this.#lines.set(row, line);
    return line;
  }
}
