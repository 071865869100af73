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

/** A histogram takes 4 kB, and the server reads those of all tensors to answer one. */
export const MOST_BAND_STEPS = 512;

/**
 * The percentiles of one tensor of one run at some of `steps`, all of them recorded: of a long run
 * at steps that are spread over it.
 */
export async function loadBands(
  client: Client,
  run: string,
  key: string,
  steps: readonly number[],
  signal: AbortSignal,
): Promise<Bands> {
  // With both ends told, the answers are of the same steps though a training goes on to write.
  const [firstStep, lastStep] = [steps[0], steps.at(-1)];
  if (firstStep === undefined || lastStep === undefined) {
    return { steps: [], rows: PERCENTILES.map(() => new Float64Array()) };
  }
  const range = { firstStep, lastStep };
  const rows = { ...range, maxRows: MOST_BAND_STEPS };
  const [axes, counts, answer] = await Promise.all([
    client.histogramAxes(run, key, signal, rows),
    client.histogram(run, key, signal, rows),
    client.stats({ run, keys: [key], stats: EXTREMES, ...range }, signal),
  ]);
  const table = new StatTable({ steps: [...steps], keys: [key] }, tablesOf(answer, EXTREMES));
  return bandsOf(histogramsOf(axes, counts), table, key);
}
