import type { NdArray } from '../api/npy';
import type { StatsAxes } from '../contract/messages';
import type { Measure } from './measures';

/** Statistics of some keys over all steps. A value is NaN where a key was not recorded at a step. */
export class StatTable {
  readonly steps: readonly number[];
  readonly keys: readonly string[];
  readonly #rows: ReadonlyMap<string, number>;
  readonly #columns: ReadonlyMap<Measure, NdArray>;

  /**
   * `tables` are float64 `[keys, steps]`. A step that was recorded between the answers may be in
   * one and not in another: only the steps that all have are in the table.
   */
  constructor(axes: StatsAxes, tables: ReadonlyMap<Measure, NdArray>) {
    this.#columns = tables;
    const extents = [...tables.values()].map(table => table.shape[1] ?? 0);
    this.steps = axes.steps.slice(0, Math.min(axes.steps.length, ...extents));
    const rowCounts = [...tables.values()].map(table => table.shape[0] ?? 0);
    this.keys = axes.keys.slice(0, Math.min(axes.keys.length, ...rowCounts));
    this.#rows = new Map(this.keys.map((key, row) => [key, row]));
  }

  /** One statistic of one key over the steps; empty where there is no such key. */
  row(stat: Measure, key: string): Float64Array {
    const row = this.#rows.get(key);
    const table = this.#columns.get(stat);
    if (row === undefined || table === undefined) return new Float64Array(0);
    const start = row * (table.strides[0] ?? 0);
    const elements = table.values.subarray(start, start + this.steps.length);
    return elements instanceof Float64Array ? elements : Float64Array.from(elements, Number);
  }

  /** The steps at which a key was recorded. */
  recorded(key: string): number[] {
    const counts = this.row('count', key);
    return this.steps.filter((_, i) => !Number.isNaN(counts[i] ?? Number.NaN));
  }

  /** How many elements of a key are NaN or infinite, over the steps; NaN where not recorded. */
  nonFinite(key: string): Float64Array {
    const [nan, posInf, negInf] = [
      this.row('nan', key),
      this.row('pos_inf', key),
      this.row('neg_inf', key),
    ];
    return nan.map((count, i) => count + (posInf[i] ?? 0) + (negInf[i] ?? 0));
  }
}
