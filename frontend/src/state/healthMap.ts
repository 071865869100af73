import type { Client, StatsRequest } from '../api/client';
import type { Tensor } from '../contract/messages';
import { DEFAULT_PERCENTILES } from '../scale/scale';
import type { ScaleSettings } from '../scale/types';
import { MAX_NUMBERS, MOST_NAMED_KEYS } from './answerLimits';
import type { GiveWay } from './giveWay';
import { GROUP_KINDS } from './groups';
import { HealthCells, type HealthPart, type HealthRow } from './healthCells';
import type { HealthChoice } from './healthChoice';
import { isShare, type Measure, type ShownMeasure, tablesOf } from './measures';
import { type Resource, resource } from './resource';
import type { Selection } from './selection';
import {
  BYTES_OF_A_PART,
  blocksOfLength,
  lengthOfBlocks,
  partsOfSteps,
  type StepBlocks,
} from './stepBlocks';
import type { Summary } from './summary';
import type { View } from './view';

const MOST_COLUMNS = 2048;
const FEWEST_COLUMNS = 128;
/** A histogram is so many times as long as a row of statistics. */
const HISTOGRAM_WEIGHT = 20;
/** A map that comes in parts is drawn anew this often. */
const REDRAW_MS = 250;
/** Parts that are under way at once: the server reads one while another is sent and drawn. */
const PARALLEL = 2;
/** A map of more parts than this begins with a look at few steps of all of it. */
const FEWEST_PARTS = 4;
/** Of the steps of so many columns, the first look sees one. */
const COLUMNS_OF_A_LOOK = 4;

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

export interface HealthTable {
  readonly measure: ShownMeasure;
  readonly columns: StepBlocks;
  readonly rows: readonly HealthRow[];
  /** Numbers whose range is that of all values. */
  readonly range: Float64Array;
  /** How many of the recorded steps are in it so far. */
  readonly stepsRead: number;
  /** From this column on, a cell is of one step of several at most. */
  readonly wholeColumns: number;
}

interface HealthRequest extends HealthChoice {
  run: string;
  stamp: string;
  maxColumns: number;
}

interface Wanted extends HealthChoice {
  readonly run: string;
  readonly steps: readonly number[];
  readonly tensors: readonly Tensor[];
  readonly maxColumns: number;
  /** About so much of the log is read for an answer. */
  readonly partBytes: number;
  readonly giveWay: GiveWay;
}

/** What was read of a map: it stays while steps are added to the run. */
export interface Kept {
  cells: HealthCells | null;
  /** The parts that are whole and came, by their first and last step. */
  readonly parts: Set<string>;
}

/**
 * The tensors of a group over the steps, read part by part; `show` is called with what there is so
 * far. Of a long run a few steps of all of it come first. `kept` has what was read before. Before
 * each part it gives way to who scrolls in what there is.
 */
export async function loadHealth(
  client: Client,
  { run, measure, group, steps, tensors, maxColumns, partBytes, giveWay }: Wanted,
  kept: Kept,
  signal: AbortSignal,
  show: (table: HealthTable) => void,
): Promise<HealthTable> {
  const kinds = new Set(GROUP_KINDS[group]);
  const chosen = tensors.filter(({ kind }) => kinds.has(kind)).map(({ key }) => key);
  const named = chosen.length <= MOST_NAMED_KEYS;
  const order = new Map(tensors.map(({ key }, i) => [key, i]));
  const places = chosen.map((key, i) => (named ? i : (order.get(key) ?? 0)));
  const stats: Measure[] = measure === 'non_finite' ? [measure] : [measure, 'non_finite'];
  const block = lengthOfBlocks(steps.length, maxColumns);
  const columns = blocksOfLength(steps, block);
  const weight = measure === 'near_largest' || measure === 'near_smallest' ? HISTOGRAM_WEIGHT : 1;
  if (kept.cells === null || kept.cells.capacity < columns.length) {
    kept.parts.clear();
    // With room for the steps that come.
    kept.cells = new HealthCells(chosen, places, Math.min(maxColumns, 2 * columns.length));
  }
  const { cells } = kept;
  const tableOf = (wholeColumns: number): HealthTable => ({
    measure,
    columns,
    rows: cells.rows(columns.length),
    range: cells.range(),
    stepsRead: Math.min(steps.length, wholeColumns * block),
    wholeColumns,
  });
  if (chosen.length === 0) return tableOf(columns.length);
  const ask = async (some: Partial<StatsRequest>): Promise<HealthPart> => {
    const keys = named ? { keys: chosen } : {};
    const tables = tablesOf(await client.stats({ run, stats, ...keys, ...some }, signal), stats);
    const [values, nonFinite] = [tables.get(measure), tables.get('non_finite')];
    if (values === undefined || nonFinite === undefined) throw new Error('a statistic is missing');
    return { values, nonFinite };
  };
  const parts = partsOfSteps(steps, block, tensors.length, weight, partBytes);
  if (parts.length > FEWEST_PARTS && kept.parts.size === 0) {
    const every = block * COLUMNS_OF_A_LOOK;
    // Only of the steps that are told here: a training may have written others by now.
    const look = await ask({ firstStep: steps[0] ?? 0, lastStep: steps.at(-1) ?? 0, every });
    cells.fillFirstLook(look, COLUMNS_OF_A_LOOK, columns.length);
    show(tableOf(0));
  }
  const nameOf = (part: readonly number[]) => `${part[0]} ${part.at(-1)}`;
  const asked = new Map<readonly number[], Promise<HealthPart>>();
  const askAhead = () => {
    const open = parts.filter(part => !asked.has(part) && !kept.parts.has(nameOf(part)));
    for (const part of open.slice(0, PARALLEL - asked.size)) {
      const [firstStep = 0, lastStep = 0] = [part[0], part.at(-1)];
      const found = ask({ firstStep, lastStep, maxColumns: Math.ceil(part.length / block) });
      // Who waits for it is told; where an earlier one failed, nobody does.
      found.catch(() => undefined);
      asked.set(part, found);
    }
  };
  let [column, shownAt] = [0, performance.now()];
  for (const part of parts) {
    await giveWay();
    askAhead();
    const found = await asked.get(part);
    if (found !== undefined) {
      cells.fill(found, column);
      // The last part grows with the run.
      if (part !== parts.at(-1)) kept.parts.add(nameOf(part));
    }
    asked.delete(part);
    column += Math.ceil(part.length / block);
    const isFirst = part === parts[0] && parts.length <= FEWEST_PARTS;
    if (part !== parts.at(-1) && (isFirst || performance.now() - shownAt > REDRAW_MS)) {
      show(tableOf(column));
      shownAt = performance.now();
    }
  }
  cells.endFirstLook();
  return tableOf(columns.length);
}

/** The statistics of all layers over the steps, while they are looked at. */
export function healthMapOf(
  client: Client,
  view: View,
  selection: Selection,
  summary: Summary,
  giveWay: GiveWay,
): Resource<HealthRequest, HealthTable> {
  let kept: Kept = { cells: null, parts: new Set() };
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
      const block = lengthOfBlocks(steps.length, maxColumns);
      const of = [run, generation, measure, group, block, tensors.map(({ key }) => key)].join('\n');
      if (of !== keptOf) [kept, keptOf] = [{ cells: null, parts: new Set() }, of];
      return loadHealth(
        client,
        { run, measure, group, steps, tensors, maxColumns, partBytes: BYTES_OF_A_PART, giveWay },
        kept,
        signal,
        show,
      );
    },
  );
}
