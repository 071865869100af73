import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { NdArray } from '../api/npy';
import type { Catalog, Tensor } from '../contract/messages';
import { cOrdered } from './order';
import { type Resource, resource } from './resource';
import { type Label, labelOf } from './sampleCard';
import type { Selection } from './selection';
import type { View } from './view';

/** One kept sample at a step: what is known of it is null where it was not recorded. */
export interface SampleRow {
  /** Its place among the kept samples. */
  readonly index: number;
  /** What the user calls it, or its position in the batch. */
  readonly name: string;
  readonly input: NdArray | null;
  readonly target: Label | null;
  readonly prediction: Label | null;
  /** Null where it is not known, as there are no classes. */
  readonly isRight: boolean | null;
}

interface SamplesRequest {
  run: string;
  generation: string;
  step: number;
  keys: Readonly<Record<'inputs' | 'targets' | 'predictions', string | null>>;
  count: number;
}

/** Inputs larger than this are no thumbnails. */
const MAX_THUMBNAILS = 1_000_000;

/** One sample of an array whose first axis counts them; no element is copied. */
export function sampleOf(array: NdArray, index: number): NdArray {
  const { values, shape, strides } = cOrdered(array);
  const size = shape.slice(1).reduce((product, extent) => product * extent, 1);
  return {
    ...array,
    values: values.subarray(index * size, (index + 1) * size),
    shape: shape.slice(1),
    strides: strides.slice(1),
  };
}

/** A label with the name of its class, where the classes have names. */
export function named(label: Label | null, labels: readonly string[]): Label | null {
  const name = label?.classIndex == null ? undefined : labels[label.classIndex];
  return label && name !== undefined ? { ...label, text: name } : label;
}

/** Whether a prediction is that of the target; null where either is no class. */
export function isRight(target: Label | null, prediction: Label | null): boolean | null {
  if (target?.classIndex == null || prediction?.classIndex == null) return null;
  return target.classIndex === prediction.classIndex;
}

function keyOf(tensors: readonly Tensor[], name: string, maxElements: number): string | null {
  const tensor = tensors.find(({ key }) => key === `/sample.${name}`);
  if (tensor?.stored !== 'exact' || tensor.shape.length === 0) return null;
  const size = tensor.shape.reduce((product, extent) => product * extent, 1);
  return size <= maxElements ? tensor.key : null;
}

/** What each kept sample is called. */
export function sampleNames({ samples, sample_ids: ids }: Catalog, count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => ids[index] ?? `item ${samples[index] ?? index}`,
  );
}

/** The kept samples of the shown step, while they are looked at. */
export function samplesOf(
  client: Client,
  view: View,
  selection: Selection,
): Resource<SamplesRequest, readonly SampleRow[]> {
  return resource(
    () => {
      const [run, catalog, step] = [view.run.value, view.shownCatalog.value, view.step.value];
      if (selection.place.value !== 'samples' || run === null || !catalog || step === null) {
        return null;
      }
      const { tensors, generation, samples } = catalog;
      const keys = {
        inputs: keyOf(tensors, 'inputs', MAX_THUMBNAILS),
        targets: keyOf(tensors, 'targets', MAX_THUMBNAILS),
        predictions: keyOf(tensors, 'predictions', MAX_THUMBNAILS),
      };
      return { run, generation, step, keys, count: samples.length };
    },
    async ({ run, generation, step, keys, count }, signal) => {
      const load = async (key: string | null): Promise<NdArray | null> => {
        if (key === null) return null;
        try {
          return await client.array({ run, key, step, slice: '...', generation }, signal);
        } catch (error) {
          // Targets and predictions may come with some steps only.
          if (error instanceof ApiError && error.code === 'not_found') return null;
          throw error;
        }
      };
      const [inputs, targets, predictions] = await Promise.all([
        load(keys.inputs),
        load(keys.targets),
        load(keys.predictions),
      ]);
      const catalog = view.shownCatalog.peek();
      const labels = catalog?.labels ?? [];
      const names = catalog ? sampleNames(catalog, count) : [];
      const at = (array: NdArray | null, index: number) =>
        array && index < (array.shape[0] ?? 0) ? sampleOf(array, index) : null;
      return names.map((name, index): SampleRow => {
        const [target, prediction] = [at(targets, index), at(predictions, index)];
        const told = target && named(labelOf(target), labels);
        const answered = prediction && named(labelOf(prediction), labels);
        return {
          index,
          name,
          input: at(inputs, index),
          target: told,
          prediction: answered,
          isRight: isRight(told, answered),
        };
      });
    },
  );
}

export const SAMPLE_FILTERS = ['all', 'wrong', 'sure'] as const;
export type SampleFilter = (typeof SAMPLE_FILTERS)[number];

/** From this confidence on, a wrong answer is one of which the model was sure. */
export const SURE = 0.5;

export function matches({ isRight: right, prediction }: SampleRow, filter: SampleFilter): boolean {
  if (filter === 'all') return true;
  return right === false && (filter === 'wrong' || (prediction?.score ?? 0) > SURE);
}

/** The right sample of the same target of which the model is surest: what a wrong one is held to. */
export function rightOneLike(rows: readonly SampleRow[], wrong: SampleRow): SampleRow | null {
  const like = rows.filter(
    row => row.isRight && row.target?.classIndex === wrong.target?.classIndex,
  );
  const others = like.length > 0 ? like : rows.filter(row => row.isRight);
  return others.reduce<SampleRow | null>(
    (best, row) =>
      best === null || (row.prediction?.score ?? 0) > (best.prediction?.score ?? 0) ? row : best,
    null,
  );
}

/** The outputs that a sample goes through, in order: those of layers that hold no others. */
export function wayOf({ tensors, modules }: Catalog): Tensor[] {
  const hasChildren = (path: string) =>
    modules.some(module => path === '' || module.path.startsWith(`${path}.`));
  return tensors.filter(
    ({ kind, module, stored, axes }) =>
      kind === 'output' && stored === 'exact' && axes[0] === 'Sample' && !hasChildren(module),
  );
}

/**
 * How far two arrays are apart: norm(a - b) / sqrt(norm(a)^2 + norm(b)^2), as the route `apart` has
 * it; 0 of equals, 1 of what has nothing in common; NaN where either is not finite, or both are zero.
 */
export function apartness(a: NdArray['values'], b: NdArray['values']): number {
  let [apart, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [Number(a[i]), Number(b[i])];
    apart += (x - y) ** 2;
    ofA += x * x;
    ofB += y * y;
  }
  return Math.sqrt(apart / (ofA + ofB));
}
