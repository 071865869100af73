import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import { type Resource, resource } from './resource';
import { scaleGroup } from './scales';
import type { Selection } from './selection';
import type { View } from './view';

interface RangeRequest {
  /** Each with what changes when a step of it is recorded. */
  runs: { name: string; stamp: string }[];
  key: string;
}

/** The least and the greatest element over all steps; NaN where there is none. */
export type SharedRange = readonly [lo: number, hi: number];

/** The runs over which the colours of a tensor have one range: the chosen ones, or all. */
export function runsOfRange(view: View, selection: Selection): readonly string[] {
  const all = (view.runs.answer.value?.value.runs ?? []).map(run => run.name);
  const chosen = selection.rangeRuns.value.filter(name => all.includes(name));
  return chosen.length === 0 ? all : chosen;
}

async function rangeOfRun(
  client: Client,
  run: string,
  key: string,
  signal: AbortSignal,
): Promise<number[]> {
  try {
    const { values } = await client.stats({ run, keys: [key], stats: ['min', 'max'] }, signal);
    return Array.from<number | bigint, number>(values, Number).filter(
      value => !Number.isNaN(value),
    );
  } catch (error) {
    // A run without the tensor has no part in its range.
    if (error instanceof ApiError && error.code === 'not_found') return [];
    throw error;
  }
}

/** Of the shown tensor, while its colours are to stay the same over all steps, or runs. */
export function sharedRangeOf(
  client: Client,
  view: View,
  selection: Selection,
): Resource<RangeRequest, SharedRange> {
  return resource(
    () => {
      const [run, tensor] = [view.run.value, view.tensor.value];
      if (run === null || tensor === null) return null;
      const { mode } = selection.scales.value[scaleGroup(tensor.kind)];
      if (mode !== 'steps' && mode !== 'runs') return null;
      const names = mode === 'steps' ? [run] : runsOfRange(view, selection);
      const infos = view.runs.answer.value?.value.runs ?? [];
      const runs = infos
        .filter(info => names.includes(info.name))
        .map(({ name, frames, last_step }) => ({ name, stamp: `${frames} ${last_step}` }));
      return { runs, key: tensor.key };
    },
    async ({ runs, key }, signal) => {
      const ends = await Promise.all(runs.map(({ name }) => rangeOfRun(client, name, key, signal)));
      const known = ends.flat();
      if (known.length === 0) return [Number.NaN, Number.NaN] as const;
      const least = known.reduce((lo, end) => Math.min(lo, end), Number.POSITIVE_INFINITY);
      return [least, known.reduce((hi, end) => Math.max(hi, end), Number.NEGATIVE_INFINITY)];
    },
  );
}

/** The range of a tensor's elements that is known, where its colours are to have one in common. */
export function knownRange(
  range: Resource<RangeRequest, SharedRange>,
  key: string,
): SharedRange | null {
  const answer = range.answer.value;
  return answer !== null && answer.request.key === key ? answer.value : null;
}
