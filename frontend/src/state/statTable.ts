import type { NdArray } from '../api/npy';
import type { Statistic, StatsAxes } from '../contract/messages';

/** Statistics of all keys over all steps. A value is NaN where a key was not recorded at a step. */
export class StatTable {
  readonly steps: readonly number[];
  readonly keys: readonly string[];
  readonly #rows: ReadonlyMap<string, number>;
  readonly #columns: ReadonlyMap<Statistic, NdArray>;

  /**
   * `tables` are float64 `[keys, steps]`. A step that was recorded between the answers may be in
   * one and not in another: only the steps that all have are in the table.
   */
  constructor(axes: StatsAxes, tables: ReadonlyMap<Statistic, NdArray>) {
    this.#columns = tables;
    const extents = [...tables.values()].map(table => table.shape[1] ?? 0);
    this.steps = axes.steps.slice(0, Math.min(axes.steps.length, ...extents));
    const rowCounts = [...tables.values()].map(table => table.shape[0] ?? 0);
    this.keys = axes.keys.slice(0, Math.min(axes.keys.length, ...rowCounts));
    this.#rows = new Map(this.keys.map((key, row) => [key, row]));
  }

  /** One statistic of one key over the steps; empty where there is no such key. */
  row(stat: Statistic, key: string): Float64Array {
    const row = this.#rows.get(key);
    const table = this.#columns.get(stat);
    if (row === undefined || table === undefined) return new Float64Array(0);
    const start = row * (table.strides[0] ?? 0);
    const elements = table.values.subarray(start, start + this.steps.length);
    return elements instanceof Float64Array ? elements : Float64Array.from(elements, Number);
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

/** Where something that is not finite was first seen. */
export interface FirstNonFinite {
  step: number;
  key: string;
  /** Elements that are NaN or infinite. */
  count: number;
}

/** What the layer tree and the step bar show of a run. */
export interface Health {
  /** Keys that had a NaN or an infinity at some step. */
  badKeys: ReadonlySet<string>;
  /** Steps at which some key had one. */
  badSteps: ReadonlySet<number>;
  /** The earliest, and of one step the first in the order of causes. */
  first: FirstNonFinite | null;
}

/** Which keys and steps hold what is not finite. `order` are the keys, causes before effects. */
export function healthOf(table: StatTable, order: readonly string[]): Health {
  const badKeys = new Set<string>();
  const badSteps = new Set<number>();
  let first: FirstNonFinite | null = null;
  for (const key of order) {
    table.nonFinite(key).forEach((count, i) => {
      const step = table.steps[i];
      if (!(count > 0) || step === undefined) return;
      badKeys.add(key);
      badSteps.add(step);
      if (first === null || step < first.step) first = { step, key, count };
    });
  }
  return { badKeys, badSteps, first };
}

/** The steps at which this key had a NaN or an infinity. */
export function badStepsOf(table: StatTable, key: string): Set<number> {
  const counts = table.nonFinite(key);
  return new Set(table.steps.filter((_, i) => (counts[i] ?? 0) > 0));
}
