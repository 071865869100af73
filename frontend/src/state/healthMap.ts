import type { Client } from '../api/client';
import type { NdArray } from '../api/npy';
import type { Catalog, Kind, Statistic } from '../contract/messages';
import { DEFAULT_PERCENTILES } from '../scale/scale';
import type { ScaleSettings } from '../scale/types';
import type { Group, HealthChoice, Measure } from './healthChoice';
import { type Resource, resource } from './resource';
import type { Selection } from './selection';
import { StatTable } from './statTable';
import type { Summary } from './summary';
import type { View } from './view';

/** Numbers that a table of all rows and columns may have: 16 MB. */
const MAX_NUMBERS = 2_000_000;
const MOST_COLUMNS = 2048;
const FEWEST_COLUMNS = 128;

const SOURCES: Readonly<Record<Measure, readonly Statistic[]>> = {
  rms: ['rms'],
  max_abs: ['max_abs'],
  non_finite: [],
  zero: ['zero', 'count'],
  mean: ['mean'],
  std: ['std'],
  update_ratio: ['update_ratio'],
};

const NON_FINITE: readonly Statistic[] = ['nan', 'pos_inf', 'neg_inf'];

export const MEASURE_LABELS: Readonly<Record<Measure, string>> = {
  rms: 'root mean square',
  max_abs: 'largest magnitude',
  non_finite: 'NaN and infinities',
  zero: 'share of zeros',
  mean: 'mean',
  std: 'standard deviation',
  update_ratio: 'update ratio',
};

export const GROUP_LABELS: Readonly<Record<Group, string>> = {
  outputs: 'outputs',
  gradients: 'gradients',
  parameters: 'parameters and buffers',
  everything: 'all tensors',
};

const KINDS: Readonly<Record<Group, readonly Kind[]>> = {
  outputs: ['output', 'tap'],
  gradients: ['grad', 'output_grad'],
  parameters: ['param', 'buffer'],
  everything: ['sample', 'input', 'tap', 'output', 'param', 'buffer', 'grad', 'output_grad'],
};

const SIZES: ScaleSettings = {
  map: 'viridis',
  reversed: false,
  mode: 'auto',
  transform: 'log',
  fixed: [Number.NaN, Number.NaN],
  percentiles: DEFAULT_PERCENTILES,
};

/** How a measure is coloured: sizes by their logarithm, signed numbers about zero, shares evenly. */
export function settingsOf(measure: Measure): ScaleSettings {
  if (measure === 'mean') return { ...SIZES, map: 'RdBu', mode: 'symmetric', transform: 'symlog' };
  if (measure === 'zero') return { ...SIZES, mode: 'fixed', transform: 'linear', fixed: [0, 1] };
  return SIZES;
}

/** One tensor over the steps. */
export interface HealthRow {
  readonly key: string;
  /** A value for each column; NaN where there is none. */
  readonly values: Float64Array;
  /** How many elements were NaN or infinite; NaN where the tensor was not recorded. */
  readonly nonFinite: Float64Array;
}

export interface HealthTable {
  readonly measure: Measure;
  /** The recorded steps that each column stands for. */
  readonly columns: readonly (readonly [first: number, last: number])[];
  readonly rows: readonly HealthRow[];
}

interface HealthRequest extends HealthChoice {
  run: string;
  stamp: string;
  maxColumns: number;
}

/** The tensors of a group that have anything to show, in order of execution. */
export function healthTable(
  table: StatTable,
  catalog: Pick<Catalog, 'tensors'>,
  { measure, group }: HealthChoice,
  columns: HealthTable['columns'],
): HealthTable {
  const kinds = new Set(KINDS[group]);
  const rows = catalog.tensors
    .filter(({ kind }) => kinds.has(kind))
    .map(({ key }): HealthRow => {
      const nonFinite = table.nonFinite(key);
      const [source] = SOURCES[measure];
      if (source === undefined) return { key, values: nonFinite, nonFinite };
      const values = table.row(source, key);
      if (measure !== 'zero') return { key, values, nonFinite };
      const count = table.row('count', key);
      return { key, values: values.map((zeros, i) => zeros / (count[i] ?? 1)), nonFinite };
    })
    .filter(({ values, nonFinite }) =>
      values.some((value, i) => Number.isFinite(value) || (nonFinite[i] ?? 0) > 0),
    );
  return { measure, columns, rows };
}

/** The steps of each block of them. */
export function blocksOfSteps(
  steps: readonly number[],
  maxColumns: number,
): HealthTable['columns'] {
  const block = Math.max(1, Math.ceil(steps.length / maxColumns));
  return Array.from({ length: Math.ceil(steps.length / block) }, (_, column) => {
    const first = steps[column * block] ?? 0;
    return [first, steps[Math.min(steps.length, (column + 1) * block) - 1] ?? first] as const;
  });
}

/** The statistics of all layers over the steps, while they are looked at. */
export function healthMapOf(
  client: Client,
  view: View,
  selection: Selection,
  summary: Summary,
): Resource<HealthRequest, HealthTable> {
  return resource(
    () => {
      const [catalog, stamp] = [view.shownCatalog.value, summary.stamp.value];
      if (selection.place.value !== 'health' || catalog === null || stamp === null) return null;
      if (stamp.run !== view.run.value) return undefined;
      const fitting = Math.floor(MAX_NUMBERS / Math.max(1, catalog.tensors.length));
      const maxColumns = Math.max(FEWEST_COLUMNS, Math.min(MOST_COLUMNS, fitting));
      return { ...stamp, ...selection.health.value, maxColumns };
    },
    async (request, signal) => {
      const { run, maxColumns, measure } = request;
      const statistics = [...SOURCES[measure], ...NON_FINITE];
      const [axes, ...tables] = await Promise.all([
        client.statsAxes(run, signal),
        ...statistics.map(stat => client.stats(run, stat, signal, maxColumns)),
      ]);
      const columns = blocksOfSteps(axes.steps, maxColumns);
      const named = new Map<Statistic, NdArray>();
      statistics.forEach((stat, i) => {
        const table = tables[i];
        if (table !== undefined) named.set(stat, table);
      });
      const blocks = new StatTable({ ...axes, steps: columns.map(([first]) => first) }, named);
      const catalog = view.shownCatalog.peek();
      return healthTable(blocks, { tensors: catalog?.tensors ?? [] }, request, columns);
    },
  );
}
