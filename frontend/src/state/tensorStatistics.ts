import type { Client } from '../api/client';
import { type Histograms, histogramsOf } from './histogram';
import { type Resource, resource } from './resource';
import type { View } from './view';

interface HistogramRequest {
  run: string;
  generation: string;
  key: string;
  /** Changes when a step was recorded since. */
  lastStep: number;
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
