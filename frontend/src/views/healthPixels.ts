import { CODE_NAN } from '../scale/looks';
import { coderOf } from '../scale/scale';
import type { Scale } from '../scale/types';
import type { HealthRow } from '../state/healthMap';

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

/** Paints rows in one scale and width, each of them once: scrolling brings most of them again. */
export class RowPainter {
  readonly #painted = new WeakMap<HealthRow, Uint8ClampedArray>();

  constructor(
    readonly scale: Scale,
    readonly width: number,
  ) {}

  /** The lines of some rows, one below the other. */
  paint(rows: readonly HealthRow[]): ImageData {
    const picture = new ImageData(this.width, Math.max(1, rows.length));
    rows.forEach((row, line) => {
      picture.data.set(this.#lineOf(row), line * this.width * 4);
    });
    return picture;
  }

  #lineOf(row: HealthRow): Uint8ClampedArray {
    const known = this.#painted.get(row);
    if (known !== undefined) return known;
    const line = new Uint8ClampedArray(this.width * 4);
    paintRow(row, this.scale, this.width, line);
    this.#painted.set(row, line);
    return line;
  }
}
