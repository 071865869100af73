import type { Client } from '../api/client';
import type { NdArray } from '../api/npy';
import type { Tensor } from '../contract/messages';
import { DEFAULT_PERCENTILES } from '../scale/scale';
import type { ScaleSettings } from '../scale/types';
import { MAX_NUMBERS, MOST_NAMED_KEYS } from './answerLimits';
import { GROUP_KINDS } from './groups';
import type { HealthChoice } from './healthChoice';
import { isShare, type Measure, type ShownMeasure, tablesOf } from './measures';
import { type Resource, resource } from './resource';
import type { Selection } from './selection';
import { BYTES_OF_A_PART, blocksOfSteps, partsOfSteps, type StepBlocks } from './stepBlocks';
import type { Summary } from './summary';
import type { View } from './view';

const MOST_COLUMNS = 2048;
const FEWEST_COLUMNS = 128;
/** A histogram is so many times as long as a row of statistics. */
const HISTOGRAM_WEIGHT = 20;
/** A map that comes in parts is drawn anew this often. */
const REDRAW_MS = 250;

const SIZES: ScaleSettings = {
  map: 'viridis',
  reversed: false,
  mode: 'auto',
  transform: 'log',
  fixed: [Number.NaN, Number.NaN],
  percentiles: DEFAULT_PERCENTILES,
};
const SIGNED: ReadonlySet<Measure> = new Set(['mean', 'min', 'max']);

/** How a measure is coloured: sizes by their logarithm, signed numbers about zero, shares evenly. */
export function settingsOf(measure: Measure): ScaleSettings {
  if (SIGNED.has(measure)) {
    return { ...SIZES, map: 'RdBu', mode: 'symmetric', transform: 'symlog' };
  }
  if (isShare(measure)) return { ...SIZES, mode: 'fixed', transform: 'linear', fixed: [0, 1] };
  return SIZES;
}

/** One tensor over the steps. */
export interface HealthRow {
  readonly key: string;
  /** A value for each column; NaN where there is none, or none yet. */
  readonly values: Float64Array;
  /** How many elements were NaN or infinite; NaN where the tensor was not recorded. */
  readonly nonFinite: Float64Array;
}

export interface HealthTable {
  readonly measure: ShownMeasure;
  readonly columns: StepBlocks;
  readonly rows: readonly HealthRow[];
  /** How many of the recorded steps are in it so far. */
  readonly stepsRead: number;
}

interface HealthRequest extends HealthChoice {
  run: string;
  stamp: string;
  maxColumns: number;
}

/** Rows of nothing, of as many columns as there will be. */
function emptyRows(keys: readonly string[], columns: number): HealthRow[] {
  const nothing = () => new Float64Array(columns).fill(Number.NaN);
  return keys.map(key => ({ key, values: nothing(), nonFinite: nothing() }));
}

/** Puts tables `[keys, columns]` of some steps into the rows, from `column` on. */
function fill(
  rows: readonly HealthRow[],
  tables: ReadonlyMap<Measure, NdArray>,
  measure: Measure,
  places: readonly number[],
  column: number,
): void {
  const into = (table: NdArray | undefined, target: (row: HealthRow) => Float64Array) => {
    const [, columns = 0] = table?.shape ?? [];
    rows.forEach((row, i) => {
      const start = (places[i] ?? 0) * columns;
      const values = table?.values.subarray(start, start + columns);
      if (values instanceof Float64Array) target(row).set(values, column);
    });
  };
  into(tables.get(measure), row => row.values);
  into(tables.get('non_finite'), row => row.nonFinite);
}

/** What there is to see so far: the rows that have anything, in order of execution. */
function tableOf(
  measure: ShownMeasure,
  columns: StepBlocks,
  rows: readonly HealthRow[],
  stepsRead: number,
): HealthTable {
  const isSeen = ({ values, nonFinite }: HealthRow) =>
    values.some(value => Number.isFinite(value)) || nonFinite.some(count => count > 0);
  return { measure, columns, rows: rows.filter(isSeen), stepsRead };
}

interface Wanted extends HealthChoice {
  readonly run: string;
  readonly steps: readonly number[];
  readonly tensors: readonly Tensor[];
  readonly maxColumns: number;
  /** About so much of the log is read for an answer. */
  readonly partBytes: number;
}

/**
 * The tensors of a group over the steps, read part by part; `show` is called with what there is so
 * far. `kept` has parts that were read before, and takes those that cannot change any more.
 */
export async function loadHealth(
  client: Client,
  { run, measure, group, steps, tensors, maxColumns, partBytes }: Wanted,
  kept: Map<string, NdArray>,
  signal: AbortSignal,
  show: (table: HealthTable) => void,
): Promise<HealthTable> {
  const kinds = new Set(GROUP_KINDS[group]);
  const chosen = tensors.filter(({ kind }) => kinds.has(kind)).map(({ key }) => key);
  const named = chosen.length <= MOST_NAMED_KEYS;
  const order = new Map(tensors.map(({ key }, i) => [key, i]));
  const places = chosen.map((key, i) => (named ? i : (order.get(key) ?? 0)));
  const stats: Measure[] = measure === 'non_finite' ? [measure] : [measure, 'non_finite'];
  const blocks = blocksOfSteps(steps, maxColumns);
  const block = Math.max(1, Math.ceil(steps.length / maxColumns));
  const weight = measure === 'near_largest' || measure === 'near_smallest' ? HISTOGRAM_WEIGHT : 1;
  const parts = partsOfSteps(steps, block, tensors.length, weight, partBytes);
  const rows = emptyRows(chosen, blocks.length);
  if (chosen.length === 0) return tableOf(measure, blocks, rows, steps.length);
  let [column, stepsRead, shownAt] = [0, 0, Number.NEGATIVE_INFINITY];
  for (const part of parts) {
    const [firstStep = 0, lastStep = 0] = [part[0], part.at(-1)];
    const columns = Math.ceil(part.length / block);
    const name = `${firstStep} ${lastStep}`;
    const found =
      kept.get(name) ??
      (await client.stats(
        {
          run,
          stats,
          firstStep,
          lastStep,
          maxColumns: columns,
          ...(named ? { keys: chosen } : {}),
        },
        signal,
      ));
    // The last part grows with the run.
    if (part !== parts.at(-1)) kept.set(name, found);
    fill(rows, tablesOf(found, stats), measure, places, column);
    column += columns;
    stepsRead += part.length;
    if (part !== parts.at(-1) && performance.now() - shownAt > REDRAW_MS) {
      show(tableOf(measure, blocks, rows, stepsRead));
      shownAt = performance.now();
    }
  }
  return tableOf(measure, blocks, rows, steps.length);
}

/** The statistics of all layers over the steps, while they are looked at. */
export function healthMapOf(
  client: Client,
  view: View,
  selection: Selection,
  summary: Summary,
): Resource<HealthRequest, HealthTable> {
  let kept = new Map<string, NdArray>();
  let keptOf = '';
  return resource(
    () => {
      const [catalog, stamp] = [view.shownCatalog.value, summary.stamp.value];
      if (selection.place.value !== 'health' || catalog === null || stamp === null) return null;
      if (stamp.run !== view.run.value) return undefined;
      const fitting = Math.floor(MAX_NUMBERS / Math.max(1, catalog.tensors.length));
      const maxColumns = Math.max(FEWEST_COLUMNS, Math.min(MOST_COLUMNS, fitting));
      return { ...stamp, ...selection.health.value, maxColumns };
    },
    async (request, signal, show) => {
      const { run, measure, group, maxColumns } = request;
      const catalog = view.shownCatalog.peek();
      const { steps, tensors, generation } = catalog ?? { steps: [], tensors: [], generation: '' };
      const block = Math.ceil(steps.length / maxColumns);
      const of = [run, generation, measure, group, block, tensors.map(({ key }) => key)].join('\n');
      if (of !== keptOf) [kept, keptOf] = [new Map(), of];
      return loadHealth(
        client,
        { run, measure, group, steps, tensors, maxColumns, partBytes: BYTES_OF_A_PART },
        kept,
        signal,
        show,
      );
    },
  );
}
