import type { Client } from '../api/client';
import { countsAt, type Histograms } from './histogram';
import { loadHistograms, MOST_HISTOGRAMS } from './loadHistograms';
import { tablesOf } from './measures';
import { PERCENTILES, percentilesOf } from './percentiles';
import { StatTable } from './statTable';

/** The percentiles of a tensor over the steps at which it was recorded, or some of them. */
export interface Bands {
  readonly steps: readonly number[];
  /** A row a percentile, of as many values as there are steps. */
  readonly rows: readonly Float64Array[];
  /** Of how many steps these were chosen. */
  readonly available: number;
}

/** The percentiles of histograms; `table` has min, max and zero of `key` over their steps. */
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
  return { steps: histograms.steps, rows, available: histograms.available };
}

const EXTREMES = ['min', 'max', 'zero'] as const;

async function bandsOfPart(
  client: Client,
  run: string,
  key: string,
  steps: readonly number[],
  signal: AbortSignal,
): Promise<Bands> {
  const [firstStep, lastStep] = [steps[0] ?? 0, steps.at(-1) ?? 0];
  const [histograms, answer] = await Promise.all([
    loadHistograms(client, { run, key, firstStep, lastStep }, signal),
    client.stats({ run, keys: [key], stats: EXTREMES, firstStep, lastStep }, signal),
  ]);
  const table = new StatTable({ steps: [...steps], keys: [key] }, tablesOf(answer, EXTREMES));
  return bandsOf(histograms, table, key);
}

/**
 * The percentiles of one tensor of one run at some of `steps`, all of them recorded: of a long run
 * at steps that are spread over it, or, where `every` is asked for, at all in parts.
 */
export async function loadBands(
  client: Client,
  run: string,
  key: string,
  steps: readonly number[],
  signal: AbortSignal,
  every = false,
): Promise<Bands> {
  const length = every ? MOST_HISTOGRAMS : Math.max(1, steps.length);
  const parts: Bands[] = [];
  for (let start = 0; start < steps.length; start += length) {
    parts.push(await bandsOfPart(client, run, key, steps.slice(start, start + length), signal));
  }
  return {
    steps: parts.flatMap(part => part.steps),
    rows: PERCENTILES.map((_, i) =>
      Float64Array.from(parts.flatMap(part => [...(part.rows[i] ?? [])])),
    ),
    available: parts.reduce((sum, part) => sum + part.available, 0),
  };
}
