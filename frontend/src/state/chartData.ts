import type { Client } from '../api/client';
import { isAbort } from '../api/errors';
import { type Bands, loadBands } from './bands';
import { type ChartLine, type LinesOfRun, linesOfRun } from './chartLines';
import type { ShownMeasure } from './measures';
import { paced } from './pace';
import { type Resource, resource } from './resource';
import type { Selection } from './selection';
import type { StepSpan } from './stepSpan';
import type { View } from './view';

/** More columns than a screen has pixels are drawn for nobody. */
const MOST_COLUMNS = 2048;
/** Histograms of a long run are megabytes. */
export const MOST_BANDS = 6;

export interface ChartBands extends Bands {
  readonly run: string;
  readonly key: string;
}

/** What could not be read, and why: all of a run, or the percentiles of one of its tensors. */
export interface ChartFailure {
  readonly run: string;
  readonly key?: string;
  readonly error: Error;
}

export interface ChartData {
  readonly lines: readonly ChartLine[];
  readonly bands: readonly ChartBands[];
  readonly failures: readonly ChartFailure[];
}

export interface ChartRequest {
  readonly runs: readonly string[];
  readonly keys: readonly string[];
  readonly measures: readonly ShownMeasure[];
  readonly bands: boolean;
  readonly span: StepSpan;
}

/** How much of a long run: what a screen shows, or every step. */
interface Detail {
  readonly mostColumns: number;
  readonly everyBand: boolean;
}

const OF_SCREEN: Detail = { mostColumns: MOST_COLUMNS, everyBand: false };
export const EVERY_STEP: Detail = { mostColumns: Number.POSITIVE_INFINITY, everyBand: true };

/** What `load` gives; `none`, and a failure more, where it fails otherwise than by being stopped. */
async function orFailure<Value>(
  load: () => Promise<Value>,
  none: Value,
  failures: ChartFailure[],
  of: Omit<ChartFailure, 'error'>,
): Promise<Value> {
  try {
    return await load();
  } catch (error) {
    if (isAbort(error) || !(error instanceof Error)) throw error;
    failures.push({ ...of, error });
    return none;
  }
}

const NO_LINES: LinesOfRun = { lines: [], keys: [], steps: [] };

/**
 * The lines and percentiles of all runs that have any of the tensors. What cannot be read does not
 * take the rest with it.
 *
 * @throws Error where nothing could be read.
 */
export async function loadChart(
  client: Client,
  request: ChartRequest,
  signal: AbortSignal,
  { mostColumns, everyBand }: Detail = OF_SCREEN,
): Promise<ChartData> {
  const failures: ChartFailure[] = [];
  const found = await Promise.all(
    request.runs.map(async run => {
      const load = () => linesOfRun(client, request, run, mostColumns, signal);
      return { run, ...(await orFailure(load, NO_LINES, failures, { run })) };
    }),
  );
  const wanted = request.bands
    ? found
        .flatMap(({ run, keys, steps }) => keys.map(key => ({ run, key, steps })))
        .slice(0, MOST_BANDS)
    : [];
  const bands = await Promise.all(
    wanted.map(async ({ run, key, steps }) => {
      const load = async (): Promise<ChartBands[]> => [
        { run, key, ...(await loadBands(client, run, key, steps, signal, everyBand)) },
      ];
      return orFailure(load, [], failures, { run, key });
    }),
  );
  const data = { lines: found.flatMap(({ lines }) => lines), bands: bands.flat(), failures };
  const [failure] = failures;
  if (failure !== undefined && data.lines.length + data.bands.length === 0) throw failure.error;
  return data;
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
