import type { Client } from '../api/client';
import type { Contributions, Parting, Tensor } from '../contract/messages';
import { type Resource, resource } from './resource';
import type { SampleRow } from './sampleRow';
import { trainingOf } from './samples';
import type { Selection } from './selection';
import type { View } from './view';

interface ApartRequest {
  run: string;
  generation: string;
  step: number;
  /** Positions in the batch. */
  a: number;
  b: number;
}

/** How far the chosen sample and the one beside it part in each layer, while both are looked at. */
export function apartOf(
  client: Client,
  view: View,
  selection: Selection,
): Resource<ApartRequest, readonly Parting[]> {
  return resource(
    () => {
      const [run, catalog, step] = [view.run.value, view.shownCatalog.value, view.step.value];
      const [a, b] = [selection.sample.value, selection.beside.value];
      if (selection.place.value !== 'samples' || run === null || !catalog || step === null) {
        return null;
      }
      const [first, second] = [catalog.samples[a], b === null ? undefined : catalog.samples[b]];
      if (first === undefined || second === undefined || first === second) return null;
      return { run, generation: catalog.generation, step, a: first, b: second };
    },
    async ({ run, step, a, b }, signal) => (await client.apart(run, step, a, b, signal)).partings,
  );
}

/** The partings of these tensors, in their order or the farthest first. */
export function rankedPartings(
  partings: readonly Parting[],
  way: readonly Tensor[],
  byDistance: boolean,
): readonly Parting[] {
  const places = new Map(way.map(({ key }, place) => [key, place]));
  const place = ({ key }: Parting) => places.get(key) ?? 0;
  return partings
    .filter(({ key }) => places.has(key))
    .sort((one, other) =>
      byDistance
        ? other.distance - one.distance || place(one) - place(other)
        : place(one) - place(other),
    );
}

interface ContributionsRequest {
  run: string;
  generation: string;
  step: number;
  sample: number;
  /** The class that is compared with; null is the target. */
  right: number | null;
  /** What a probe is of: its weights may have come since. */
  beside: string;
}

/** What carried the answer to the chosen sample, while that is looked at. */
export function contributionsOf(
  client: Client,
  view: View,
  selection: Selection,
  comparedWith: () => number | null | undefined,
): Resource<ContributionsRequest, Contributions> {
  return resource(
    () => {
      const [run, catalog, step] = [view.run.value, view.shownCatalog.value, view.step.value];
      const isShown =
        selection.place.value === 'samples' && selection.detail.value.view === 'carried';
      if (!isShown || run === null || !catalog || step === null) return null;
      const sample = catalog.samples[selection.sample.value];
      const right = comparedWith();
      if (sample === undefined || right === undefined)
        return right === undefined ? undefined : null;
      const { generation } = catalog;
      return { run, generation, step, sample, right, beside: trainingOf(run) };
    },
    ({ run, step, sample, right }, signal) =>
      client.contributions({ run, step, sample, ...(right === null ? {} : { right }) }, signal),
  );
}

/**
 * The class that an answer is compared with, where nobody chose one: the target of a wrong answer,
 * and of a right one the class that came next. Null leaves it to the target.
 */
export function comparedClass({ verdict, prediction }: SampleRow): number | null {
  const [answer, target] = [verdict.answer?.[0], verdict.target?.[0]];
  if (answer === undefined || prediction === null) return target ?? null;
  if (target !== undefined && target !== answer) return target;
  const scores = Array.from<number | bigint, number>(prediction.values, Number);
  const next = scores.reduce<number | null>((best, score, each) => {
    if (each === answer) return best;
    return best === null || score > (scores[best] ?? Number.NEGATIVE_INFINITY) ? each : best;
  }, null);
  return next;
}
