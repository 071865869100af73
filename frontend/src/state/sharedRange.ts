import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import { type Resource, resource } from './resource';
import { scaleGroup } from './scales';
import type { Selection } from './selection';
import type { View } from './view';

interface RangeRequest {
  mode: 'steps' | 'runs';
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

/** The ends of a tensor's elements at each step of a run; none where the run has no such tensor. */
export async function rangeOfRun(
  client: Client,
  run: string,
  key: string,
  signal: AbortSignal,
): Promise<number[]> {
  try {
    // Most runs of a folder have other tensors: to ask for those would fill the console with errors.
    const axes = await client.statsAxes(run, signal);
    if (!axes.keys.includes(key)) return [];
    const { values } = await client.stats({ run, keys: [key], stats: ['min', 'max'] }, signal);
    return Array.from<number | bigint, number>(values, Number).filter(
      value => !Number.isNaN(value),
    );
  } catch (error) {
    // A run that was deleted meanwhile has no part in the range.
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
      const { mode } = selection.scales.value[scaleGroup(tensor)];
      if (mode !== 'steps' && mode !== 'runs') return null;
      const names = mode === 'steps' ? [run] : runsOfRange(view, selection);
      const infos = view.runs.answer.value?.value.runs ?? [];
      const runs = infos
        .filter(info => info.frames > 0 && names.includes(info.name))
        .map(({ name, frames, last_step }) => ({ name, stamp: `${frames} ${last_step}` }));
      return { mode, runs, key: tensor.key };
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

/**
 * The range of a tensor's elements that is known, where its colours are to have one in common. That
 * of one run's steps says nothing of another run, which is shown before its own range has come.
 */
export function knownRange(
  range: Resource<RangeRequest, SharedRange>,
  run: string,
  key: string,
): SharedRange | null {
  const answer = range.answer.value;
  if (answer === null || answer.request.key !== key) return null;
  const { mode, runs } = answer.request;
  return mode === 'runs' || runs[0]?.name === run ? answer.value : null;
}
