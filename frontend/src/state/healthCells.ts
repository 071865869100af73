import type { NdArray } from '../api/npy';
import { findExtremes, findLeastPositive } from '../scale/range';
import type { Matrix } from '../scale/types';

/** One tensor over the steps. */
export interface HealthRow {
  readonly key: string;
  /** A value for each column; NaN where there is none, or none yet. */
  readonly values: Float64Array;
  /** How many elements were NaN or infinite; NaN where the tensor was not recorded. */
  readonly nonFinite: Float64Array;
}

/** What a part of a map, or a first look at all of it, brings: tables `[rows, columns]`. */
export interface HealthPart {
  readonly values: NdArray;
  readonly nonFinite: NdArray;
}

/** Where the range of a first look is kept: it ends with it. */
const FIRST_LOOK = -1;

/**
 * The cells of a health map, which come in parts: each number is kept once, in the rows that are
 * drawn. A part that comes again, as it grew, writes over itself.
 */
export class HealthCells {
  readonly #values: Float64Array;
  readonly #nonFinite: Float64Array;
  /** Which rows have anything to show. */
  readonly #seen: Uint8Array;
  /** The least, the greatest and the least positive value of each part, by its first column. */
  readonly #extremes = new Map<number, readonly number[]>();
  #rows: readonly HealthRow[] = [];

  /** `places` are the rows of the parts that the tensors are; `capacity` is of columns. */
  constructor(
    readonly keys: readonly string[],
    readonly places: readonly number[],
    readonly capacity: number,
  ) {
    const nothing = () => new Float64Array(keys.length * capacity).fill(Number.NaN);
    [this.#values, this.#nonFinite] = [nothing(), nothing()];
    this.#seen = new Uint8Array(keys.length);
  }

  /** Takes in a part, from `column` on. */
  fill(part: HealthPart, column: number): void {
    const columns = this.#eachRow(part, (row, values, nonFinite) => {
      const at = row * this.capacity + column;
      this.#values.set(values, at);
      this.#nonFinite.set(nonFinite, at);
    });
    this.#keepExtremes(column, column, columns);
  }

  /** Takes in single steps of all of the map: each stands for `width` columns until they come. */
  fillFirstLook(part: HealthPart, width: number, columns: number): void {
    this.#eachRow(part, (row, values, nonFinite) => {
      for (let column = 0; column < columns; column++) {
        const at = row * this.capacity + column;
        const place = Math.floor(column / width);
        this.#values[at] = values[place] ?? Number.NaN;
        this.#nonFinite[at] = nonFinite[place] ?? Number.NaN;
      }
    });
    this.#keepExtremes(FIRST_LOOK, 0, columns);
  }

  /** All columns have come: nothing is left of the first look. */
  endFirstLook(): void {
    this.#extremes.delete(FIRST_LOOK);
  }

  /** The rows that have anything in them, in order of execution, of the first `columns`. */
  rows(columns: number): HealthRow[] {
    if (this.#rows[0]?.values.length !== columns) {
      const of = (all: Float64Array, row: number) =>
        all.subarray(row * this.capacity, row * this.capacity + columns);
      this.#rows = this.keys.map((key, row) => ({
        key,
        values: of(this.#values, row),
        nonFinite: of(this.#nonFinite, row),
      }));
    }
    return this.#rows.filter((_, row) => this.#seen[row] === 1);
  }

  /** Numbers that have the range of all values: the extremes of each part. */
  range(): Float64Array {
    return Float64Array.from([...this.#extremes.values()].flat().filter(Number.isFinite));
  }

  /** Calls `take` with what a part has of each row; answers how many columns it has. */
  #eachRow(
    { values, nonFinite }: HealthPart,
    take: (row: number, values: Float64Array, nonFinite: Float64Array) => void,
  ): number {
    const [, columns = 0] = values.shape;
    this.places.forEach((place, row) => {
      const [some, bad] = [values, nonFinite].map(table =>
        table.values.subarray(place * columns, (place + 1) * columns),
      );
      if (!(some instanceof Float64Array && bad instanceof Float64Array)) return;
      take(row, some, bad);
      if (this.#seen[row] === 1) return;
      if (some.some(Number.isFinite) || bad.some(count => count > 0)) this.#seen[row] = 1;
    });
    return columns;
  }

  #keepExtremes(name: number, column: number, columns: number): void {
    const cells: Matrix = {
      values: this.#values,
      rows: this.keys.length,
      cols: columns,
      offset: column,
      rowStride: this.capacity,
      colStride: 1,
    };
    const { min, max } = findExtremes([cells]);
    this.#extremes.set(name, [min, max, findLeastPositive([cells])]);
  }
}
