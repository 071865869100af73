import type { Client } from '../api/client';
import type { NdArray } from '../api/npy';
import type { SeriesAxes } from '../contract/messages';
import { type Resource, resource } from './resource';
import type { Selection } from './selection';
import { isWithin } from './stepSpan';
import type { View } from './view';

/** About one a pixel: each is a read of its own. */
const MOST_STEPS = 512;

/** One element over the steps. */
export interface Course {
  readonly steps: readonly number[];
  readonly values: Float64Array;
  /** Of how many steps these were chosen. */
  readonly available: number;
}

interface CourseRequest {
  run: string;
  generation: string;
  key: string;
  /** The element's index in NumPy's words, without spaces: `0,6,3,4`. */
  index: string;
  firstStep: number;
  lastStep: number;
}

/** The rows of a series as numbers; of complex elements their magnitude. */
export function courseOf(axes: SeriesAxes, series: NdArray): Course {
  // A step that was recorded between the two answers is in one of them only.
  const count = Math.min(axes.steps.length, series.shape[0] ?? 0);
  const values = Float64Array.from({ length: count }, (_, row) => Number(series.values[row]));
  return { steps: axes.steps.slice(0, count), values, available: axes.available };
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
      const { span } = selection.statistics.value;
      const steps = catalog.steps.filter(step => isWithin(step, span));
      const [firstStep, lastStep] = [steps[0], steps.at(-1)];
      if (firstStep === undefined || lastStep === undefined) return null;
      const { generation } = catalog;
      return { run, generation, key: tensor.key, index, firstStep, lastStep };
    },
    async ({ run, key, index, firstStep, lastStep }, signal) => {
      const range = { firstStep, lastStep, maxRows: MOST_STEPS };
      const [axes, series] = await Promise.all([
        client.seriesAxes(run, key, signal, range),
        client.series(run, key, index, signal, range),
      ]);
      return courseOf(axes, series);
    },
  );
}
