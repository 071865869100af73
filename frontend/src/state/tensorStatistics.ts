import type { Client } from '../api/client';
import type { Histograms } from './histogram';
import { type HistogramsOf, loadHistograms } from './loadHistograms';
import { ALL_STATISTICS, tablesOf } from './measures';
import { type Resource, resource } from './resource';
import type { Selection } from './selection';
import { statsInParts } from './statParts';
import { StatTable } from './statTable';
import { isWithin } from './stepSpan';
import { nearestIndex } from './steps';
import type { Summary } from './summary';
import type { View } from './view';

interface TableRequest {
  run: string;
  stamp: string;
  key: string;
}

/** All statistics of the shown tensor over the steps, loaded while somebody looks at them. */
export function statisticsOfView(
  client: Client,
  view: View,
  summary: Summary,
  wanted: () => boolean,
): Resource<TableRequest, StatTable> {
  return resource(
    () => {
      const [stamp, key] = [summary.stamp.value, view.tensor.value?.key];
      if (!wanted() || stamp === null || key === undefined) return null;
      return stamp.run === view.run.value ? { ...stamp, key } : undefined;
    },
    async ({ run, key }, signal) => {
      const catalog = view.shownCatalog.peek();
      if (catalog === null) throw new Error(`the catalog of ${run} is gone`);
      const { steps, tensors } = catalog;
      const wanted = { run, keys: [key], stats: ALL_STATISTICS };
      const size = { steps, tensors: tensors.length };
      const answer = await statsInParts(client, wanted, size, signal);
      return new StatTable({ steps, keys: [key] }, tablesOf(answer, ALL_STATISTICS));
    },
  );
}

type Table = Resource<TableRequest, StatTable>;

/** The table of the shown tensor; null while that of another is there. */
export function shownTable(table: Table, view: View): StatTable | null {
  const answer = table.answer.value;
  const isIt =
    answer?.request.run === view.run.value && answer?.request.key === view.tensor.value?.key;
  return isIt ? (answer?.value ?? null) : null;
}

/** The step that statistics are told of: tables of long runs lag behind the newest one. */
export function statisticsStep(table: StatTable, view: View): number | null {
  const step = view.step.value;
  return step === null ? null : (table.steps[nearestIndex(table.steps, step)] ?? step);
}

interface HistogramRequest extends HistogramsOf {
  readonly generation: string;
}

export type HistogramResource = Resource<HistogramRequest, Histograms>;

/** What is shown, of which histograms may be asked for; null where there is nothing. */
function shownPlace(view: View): Pick<HistogramRequest, 'run' | 'generation' | 'key'> | null {
  const [run, catalog, key] = [view.run.value, view.shownCatalog.value, view.tensor.value?.key];
  if (run === null || catalog === null || key === undefined) return null;
  return { run, generation: catalog.generation, key };
}

/** From one step to another; null where there is none, undefined where that is not known yet. */
type Steps = readonly [first: number, last: number] | null | undefined;

/** The histograms of the shown tensor at the steps that `stepsOf` chooses, once its table is there. */
function histogramsAt(
  client: Client,
  view: View,
  table: Table,
  wanted: () => boolean,
  stepsOf: (known: StatTable, key: string) => Steps,
): HistogramResource {
  return resource(
    () => {
      const shown = wanted() ? shownPlace(view) : null;
      if (shown === null) return null;
      // What they are of is the table's: it follows a training at the pace at which it can be read.
      const known = shownTable(table, view);
      const steps = known && stepsOf(known, shown.key);
      if (known === null || steps === undefined) return undefined;
      return steps && { ...shown, firstStep: steps[0], lastStep: steps[1] };
    },
    (request, signal) => loadHistograms(client, request, signal),
  );
}

/** The histograms of the shown tensor over the steps that are looked at. */
export function histogramsOfView(
  client: Client,
  view: View,
  table: Table,
  selection: Selection,
  wanted: () => boolean,
): HistogramResource {
  return histogramsAt(client, view, table, wanted, (known, key) => {
    const { span } = selection.statistics.value;
    const steps = known.recorded(key).filter(step => isWithin(step, span));
    const [first, last] = [steps[0], steps.at(-1)];
    return first === undefined || last === undefined ? null : [first, last];
  });
}

/** The histogram of the step that is told of, where it is not among those of the many steps. */
export function histogramOfStep(
  client: Client,
  view: View,
  table: Table,
  many: HistogramResource,
  wanted: () => boolean,
): HistogramResource {
  return histogramsAt(client, view, table, wanted, (known, key) => {
    const step = statisticsStep(known, view);
    if (step === null || !known.recorded(key).includes(step)) return null;
    if (many.loading.value) return undefined;
    return ownHistograms(many, view)?.steps.includes(step) ? null : [step, step];
  });
}

/** The histograms of an answer of the shown tensor; null while that of another is there. */
export function ownHistograms({ answer }: HistogramResource, view: View): Histograms | null {
  const { request, value } = answer.value ?? {};
  const isOwn = request?.run === view.run.value && request?.key === view.tensor.value?.key;
  return isOwn ? (value ?? null) : null;
}
