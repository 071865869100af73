import type { Client } from '../api/client';
import { countsAt, type Histograms, histogramsOf } from './histogram';
import { tablesOf } from './measures';
import { PERCENTILES, percentilesOf } from './percentiles';
import { StatTable } from './statTable';

/** The percentiles of a tensor over the steps at which it was recorded. */
export interface Bands {
  readonly steps: readonly number[];
  /** A row a percentile, of as many values as there are steps. */
  readonly rows: readonly Float64Array[];
}

/** The percentiles of histograms; `table` has min, max and zero of `key` at these steps. */
export function bandsOf(histograms: Histograms, table: StatTable, key: string): Bands {
  const [mins, maxs, zeros] = (['min', 'max', 'zero'] as const).map(name => table.row(name, key));
  const column = new Map(table.steps.map((step, at) => [step, at]));
  const rows = PERCENTILES.map(() => new Float64Array(histograms.steps.length).fill(Number.NaN));
  histograms.steps.forEach((step, at) => {
    const place = column.get(step);
    if (place === undefined) return;
    const known = {
      min: mins?.[place] ?? Number.NaN,
      max: maxs?.[place] ?? Number.NaN,
      zero: zeros?.[place] ?? 0,
    };
    percentilesOf(countsAt(histograms, at), histograms.edges, known).forEach((value, i) => {
      const row = rows[i];
      if (row !== undefined) row[at] = value;
    });
  });
  return { steps: histograms.steps, rows };
}

const EXTREMES = ['min', 'max', 'zero'] as const;

/** The percentiles of one tensor of one run, from what the server has. */
export async function loadBands(
  client: Client,
  run: string,
  key: string,
  signal: AbortSignal,
): Promise<Bands> {
  const [axes, counts, statsAxes, answer] = await Promise.all([
    client.histogramAxes(run, key, signal),
    client.histogram(run, key, signal),
    client.statsAxes(run, signal),
    client.stats({ run, keys: [key], stats: EXTREMES }, signal),
  ]);
  const table = new StatTable({ ...statsAxes, keys: [key] }, tablesOf(answer, EXTREMES));
  return bandsOf(histogramsOf(axes, counts), table, key);
}
