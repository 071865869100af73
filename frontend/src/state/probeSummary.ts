import type { Client } from '../api/client';
import { type Resource, resource } from './resource';
import { probeOf } from './samples';
import type { Selection } from './selection';
import type { View } from './view';

/** How many samples of a probe were answered wrong at its last step; null where nobody knows. */
export interface ProbeSummary {
  readonly wrong: number | null;
}

/** What there is to see in the probe beside the shown run, while the samples of that are shown. */
export function probeSummaryOf(
  client: Client,
  view: View,
  selection: Selection,
): Resource<{ run: string; step: number; generation: string }, ProbeSummary> {
  return resource(
    () => {
      const run = view.run.value;
      if (selection.place.value !== 'samples' || run === null) return null;
      const runs = view.runs.answer.value?.value.runs ?? [];
      const name = probeOf(
        run,
        runs.map(each => each.name),
      );
      const probe = runs.find(each => each.name === name);
      if (probe === undefined || probe.last_step === null) return null;
      // Its catalog is not known: what is told of it changes with the number of its frames.
      const generation = `${probe.frames} frames`;
      return { run: probe.name, step: probe.last_step, generation };
    },
    async (request, signal) => {
      const verdicts = await client.verdictsAt(request, signal);
      const known = (verdicts?.right ?? []).filter(each => each !== null);
      return { wrong: known.length === 0 ? null : known.filter(each => !each).length };
    },
  );
}
