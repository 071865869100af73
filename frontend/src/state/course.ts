import type { Client } from '../api/client';
import type { NdArray } from '../api/npy';
import type { SeriesAxes } from '../contract/messages';
import { type Resource, resource } from './resource';
import type { Selection } from './selection';
import type { View } from './view';

/** One element over the steps. */
export interface Course {
  readonly steps: readonly number[];
  readonly values: Float64Array;
}

interface CourseRequest {
  run: string;
  generation: string;
  key: string;
  /** The element's index in NumPy's words, without spaces: `0,6,3,4`. */
  index: string;
  /** Changes when a step was recorded since. */
  lastStep: number;
}

/** The rows of a series as numbers; of complex elements their magnitude. */
export function courseOf(axes: SeriesAxes, series: NdArray): Course {
  // A step that was recorded between the two answers is in one of them only.
  const count = Math.min(axes.steps.length, series.shape[0] ?? 0);
  const values = Float64Array.from({ length: count }, (_, row) => Number(series.values[row]));
  return { steps: axes.steps.slice(0, count), values };
}

/** The chosen element of the shown tensor over all steps. */
export function courseOfView(
  client: Client,
  view: View,
  selection: Selection,
): Resource<CourseRequest, Course> {
  return resource(
    () => {
      const [run, catalog, tensor] = [view.run.value, view.shownCatalog.value, view.tensor.value];
      const index = selection.element.value;
      const isShown = selection.place.value === 'layer' && selection.tab.value === 'heat';
      if (!isShown || index === null || run === null || !catalog || !tensor) return null;
      const lastStep = catalog.steps.at(-1);
      if (lastStep === undefined) return null;
      return { run, generation: catalog.generation, key: tensor.key, index, lastStep };
    },
    async ({ run, key, index }, signal) => {
      const [axes, series] = await Promise.all([
        client.seriesAxes(run, key, signal),
        client.series(run, key, index, signal),
      ]);
      return courseOf(axes, series);
    },
  );
}
