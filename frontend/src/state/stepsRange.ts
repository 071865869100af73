import type { Client } from '../api/client';
import { type Resource, resource } from './resource';
import { scaleGroup } from './scales';
import type { Selection } from './selection';
import type { View } from './view';

interface RangeRequest {
  run: string;
  generation: string;
  key: string;
  /** Changes when a step was recorded since. */
  lastStep: number;
}

/** The least and the greatest element over all steps; NaN where there is none. */
export type StepsRange = readonly [lo: number, hi: number];

/** Of the shown tensor, while its colours are to stay the same over all steps. */
export function stepsRangeOf(
  client: Client,
  view: View,
  selection: Selection,
): Resource<RangeRequest, StepsRange> {
  return resource(
    () => {
      const [run, catalog, tensor] = [view.run.value, view.shownCatalog.value, view.tensor.value];
      if (run === null || catalog === null || tensor === null) return null;
      const { mode } = selection.scales.value[scaleGroup(tensor.kind)];
      const lastStep = catalog.steps.at(-1);
      if (mode !== 'steps' || lastStep === undefined) return null;
      return { run, generation: catalog.generation, key: tensor.key, lastStep };
    },
    async ({ run, key }, signal) => {
      const [least, greatest] = await Promise.all([
        client.statsOf(run, key, 'min', signal),
        client.statsOf(run, key, 'max', signal),
      ]);
      const finite = (values: Iterable<number | bigint>) =>
        Array.from(values, Number).filter(value => !Number.isNaN(value));
      const [lows, highs] = [finite(least.values), finite(greatest.values)];
      return [
        lows.length === 0 ? Number.NaN : Math.min(...lows),
        highs.length === 0 ? Number.NaN : Math.max(...highs),
      ] as const;
    },
  );
}
