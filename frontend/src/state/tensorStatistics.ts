import type { Client } from '../api/client';
import { type Histograms, histogramsOf } from './histogram';
import { ALL_STATISTICS, tablesOf } from './measures';
import { type Resource, resource } from './resource';
import { StatTable } from './statTable';
import type { Summary } from './summary';
import type { View } from './view';

interface HistogramRequest {
  run: string;
  generation: string;
  key: string;
  /** Changes when a step was recorded since. */
  lastStep: number;
}

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
      const [axes, answer] = await Promise.all([
        client.statsAxes(run, signal),
        client.stats({ run, keys: [key], stats: ALL_STATISTICS }, signal),
      ]);
      return new StatTable({ ...axes, keys: [key] }, tablesOf(answer, ALL_STATISTICS));
    },
  );
}

/** The histograms of the shown tensor, loaded while somebody looks at them. */
export function histogramsOfView(
  client: Client,
  view: View,
  wanted: () => boolean,
): Resource<HistogramRequest, Histograms> {
  return resource(
    () => {
      const [run, catalog, tensor] = [view.run.value, view.shownCatalog.value, view.tensor.value];
      if (!wanted() || run === null || catalog === null || tensor === null) return null;
      const lastStep = catalog.steps.at(-1);
      if (lastStep === undefined) return null;
      return { run, generation: catalog.generation, key: tensor.key, lastStep };
    },
    async ({ run, key }, signal) => {
      const [axes, counts] = await Promise.all([
        client.histogramAxes(run, key, signal),
        client.histogram(run, key, signal),
      ]);
      return histogramsOf(axes, counts);
    },
  );
}
