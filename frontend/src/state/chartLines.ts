import type { Client } from '../api/client';
import { MAX_NUMBERS, MOST_NAMED_KEYS } from './answerLimits';
import { type Measure, type ShownMeasure, tablesOf } from './measures';
import { blocksOfSteps, type StepBlocks } from './stepBlocks';
import { isWithin, type StepSpan } from './stepSpan';

/** One statistic of one tensor of one run. */
export interface ChartLine {
  readonly run: string;
  readonly key: string;
  readonly measure: ShownMeasure;
  /** The steps that each value stands for. */
  readonly blocks: StepBlocks;
  /** NaN where the tensor was not recorded, or has no such number. */
  readonly values: Float64Array;
  /** How many elements were NaN or infinite. */
  readonly nonFinite: Float64Array;
}

interface Wanted {
  readonly keys: readonly string[];
  readonly measures: readonly ShownMeasure[];
  readonly span: StepSpan;
}

export interface LinesOfRun {
  readonly lines: readonly ChartLine[];
  /** The keys that this run has, and its steps within the span. */
  readonly keys: readonly string[];
  readonly steps: readonly number[];
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The lines of one run; each column stands for as many steps as `mostColumns` asks, or is one step. */
export async function linesOfRun(
  client: Client,
  { keys, measures, span }: Wanted,
  run: string,
  mostColumns: number,
  signal: AbortSignal,
): Promise<LinesOfRun> {
  const axes = await client.statsAxes(run, signal);
  const known = new Map(axes.keys.map((key, row) => [key, row]));
  const here = keys.filter(key => known.has(key));
  const steps = axes.steps.filter(step => isWithin(step, span));
  if (here.length === 0 || measures.length === 0 || steps.length === 0) {
    return { lines: [], keys: here, steps };
  }
  const stats: Measure[] = [...new Set<Measure>([...measures, 'non_finite'])];
  const named = here.length <= MOST_NAMED_KEYS;
  const rows = stats.length * (named ? here.length : axes.keys.length);
  const affordable = Math.max(1, Math.floor(MAX_NUMBERS / rows));
  // What has no limit comes in as many answers as it takes, all else in one.
  const isEvery = mostColumns === Number.POSITIVE_INFINITY;
  const length = isEvery ? affordable : steps.length;
  const maxColumns = Math.min(mostColumns, affordable);
  const tables: ReturnType<typeof tablesOf>[] = [];
  const blocks: (readonly [number, number])[] = [];
  for (let start = 0; start < steps.length; start += length) {
    const part = steps.slice(start, start + length);
    const [firstStep = 0, lastStep = firstStep] = [part[0], part.at(-1)];
    const wanted = { run, stats, firstStep, lastStep, maxColumns };
    const answer = await client.stats(named ? { ...wanted, keys: here } : wanted, signal);
    tables.push(tablesOf(answer, stats));
    blocks.push(...blocksOfSteps(part, maxColumns));
  }
  const rowOf = (measure: Measure, key: string, place: number) =>
    joined(
      tables.map(table => {
        const { values, shape } = table.get(measure) ?? { values: [], shape: [] };
        const columns = shape[1] ?? 0;
        const row = (named ? place : (known.get(key) ?? 0)) * columns;
        return values instanceof Float64Array
          ? values.subarray(row, row + columns)
          : new Float64Array(0);
      }),
    );
  const lines = here.flatMap((key, place) => {
    const nonFinite = rowOf('non_finite', key, place);
    return measures.map(measure => {
      const values = rowOf(measure, key, place);
      return { run, key, measure, blocks, values, nonFinite };
    });
  });
  return { lines, keys: here, steps };
}
