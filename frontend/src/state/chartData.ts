import type { Client } from '../api/client';
import { isAbort } from '../api/errors';
import { type Bands, loadBands } from './bands';
import type { ChartChoice } from './chartChoice';
import { type Measure, type ShownMeasure, tablesOf } from './measures';
import { paced } from './pace';
import { type Resource, resource } from './resource';
import type { Selection } from './selection';
import { blocksOfSteps, type StepBlocks } from './stepBlocks';
import type { View } from './view';

/** More columns than a screen has pixels are drawn for nobody. */
const MOST_COLUMNS = 2048;
/** Numbers of an answer: 16 MB. */
const MAX_NUMBERS = 2_000_000;
/** More keys than this make an address longer than a server reads. */
const MOST_NAMED_KEYS = 200;
/** Histograms of a long run are megabytes. */
export const MOST_BANDS = 6;

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

export interface ChartBands extends Bands {
  readonly run: string;
  readonly key: string;
}

export interface ChartData {
  readonly lines: readonly ChartLine[];
  readonly bands: readonly ChartBands[];
  /** Runs that could not be read, and why. */
  readonly failures: readonly { readonly run: string; readonly error: Error }[];
}

export interface ChartRequest {
  readonly runs: readonly string[];
  readonly keys: readonly string[];
  readonly measures: readonly ShownMeasure[];
  readonly bands: boolean;
  readonly span: ChartChoice['span'];
}

interface OfRun {
  lines: ChartLine[];
  /** The keys that this run has, and its steps within the span. */
  keys: string[];
  steps: readonly number[];
}

async function linesOfRun(
  client: Client,
  { keys, measures, span }: ChartRequest,
  run: string,
  mostColumns: number,
  signal: AbortSignal,
): Promise<OfRun> {
  const axes = await client.statsAxes(run, signal);
  const known = new Map(axes.keys.map((key, row) => [key, row]));
  const here = keys.filter(key => known.has(key));
  const steps = axes.steps.filter(step => span === null || (step >= span[0] && step <= span[1]));
  const [firstStep, lastStep] = [steps[0], steps.at(-1)];
  const none = { lines: [], keys: here, steps };
  if (here.length === 0 || measures.length === 0) return none;
  if (firstStep === undefined || lastStep === undefined) return none;
  const stats: Measure[] = [...new Set<Measure>([...measures, 'non_finite'])];
  const named = here.length <= MOST_NAMED_KEYS;
  const rows = stats.length * (named ? here.length : axes.keys.length);
  const maxColumns = Math.max(1, Math.min(mostColumns, Math.floor(MAX_NUMBERS / rows)));
  const wanted = { run, stats, firstStep, lastStep, maxColumns };
  const answer = await client.stats(named ? { ...wanted, keys: here } : wanted, signal);
  const blocks = blocksOfSteps(steps, maxColumns);
  const tables = tablesOf(answer, stats);
  const rowOf = (measure: Measure, key: string, place: number) => {
    const start = (named ? place : (known.get(key) ?? 0)) * blocks.length;
    const values = tables.get(measure)?.values.subarray(start, start + blocks.length);
    return values instanceof Float64Array ? values : new Float64Array(0);
  };
  const lines = here.flatMap((key, place) => {
    const nonFinite = rowOf('non_finite', key, place);
    return measures.map(measure => ({
      run,
      key,
      measure,
      blocks,
      values: rowOf(measure, key, place),
      nonFinite,
    }));
  });
  return { lines, keys: here, steps };
}

/**
 * The lines of all runs that have any of the tensors. A run that cannot be read does not take the
 * others with it.
 *
 * @throws Error where none could be read.
 */
export async function loadChart(
  client: Client,
  request: ChartRequest,
  signal: AbortSignal,
  mostColumns = MOST_COLUMNS,
): Promise<ChartData> {
  const failures: { run: string; error: Error }[] = [];
  const found = await Promise.all(
    request.runs.map(async run => {
      try {
        return { run, ...(await linesOfRun(client, request, run, mostColumns, signal)) };
      } catch (error) {
        if (isAbort(error) || !(error instanceof Error)) throw error;
        failures.push({ run, error });
        return { run, lines: [], keys: [], steps: [] };
      }
    }),
  );
  const [failure] = failures;
  if (failure !== undefined && failures.length === request.runs.length) throw failure.error;
  const wanted = request.bands
    ? found
        .flatMap(({ run, keys, steps }) => keys.map(key => ({ run, key, steps })))
        .slice(0, MOST_BANDS)
    : [];
  const bands = await Promise.all(
    wanted.map(async ({ run, key, steps }) => ({
      run,
      key,
      ...(await loadBands(client, run, key, steps, signal)),
    })),
  );
  return { lines: found.flatMap(({ lines }) => lines), bands, failures };
}

/** The tensors that the charts show. */
export function chartKeys(selection: Selection, view: View): readonly string[] {
  const { keys } = selection.chart.value;
  const shown = view.tensor.value?.key;
  return keys ?? (shown === undefined ? [] : [shown]);
}

interface StampedRequest extends ChartRequest {
  stamp: string;
}

/** What the charts show, while somebody looks at them. */
export function chartOfView(
  client: Client,
  view: View,
  selection: Selection,
): Resource<StampedRequest, ChartData> {
  const runs = () => view.runs.answer.value?.value.runs ?? [];
  const pace = paced(() =>
    runs()
      .map(({ name, frames, last_step }) => `${name} ${frames} ${last_step}`)
      .join('\n'),
  );
  const loaded = resource<StampedRequest, ChartData>(
    () => {
      if (selection.place.value !== 'charts') return null;
      const stamp = pace.text.value;
      const names = runs().flatMap(({ name, frames }) => (frames > 0 ? [name] : []));
      if (stamp === '' || names.length === 0) return undefined;
      const { runs: chosen, measures, bands, span } = selection.chart.value;
      const keys = chartKeys(selection, view);
      if (keys.length === 0) return null;
      return { runs: chosen ?? names, keys, measures, bands, span, stamp };
    },
    (request, signal) => pace.timed(() => loadChart(client, request, signal)),
  );
  return {
    ...loaded,
    dispose: () => {
      pace.stop();
      loaded.dispose();
    },
  };
}
