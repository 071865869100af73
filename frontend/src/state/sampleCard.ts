import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { NdArray } from '../api/npy';
import type { Tensor } from '../contract/messages';
import { SAMPLE_AXIS } from './plan';
import { type Resource, resource } from './resource';
import type { View } from './view';

/** What was recorded of one sample beside the layers; null what was not. */
export interface SampleCard {
  input: NdArray | null;
  target: NdArray | null;
  prediction: NdArray | null;
}

interface CardRequest {
  run: string;
  generation: string;
  step: number;
  sample: number;
  /** Keys of what the catalog has. */
  input: string | null;
  target: string | null;
  prediction: string | null;
}

/** Larger inputs are no thumbnails; they have a place in the tree. */
const MAX_THUMBNAIL_ELEMENTS = 1_000_000;

function sampleKey(tensors: readonly Tensor[], name: string, maxElements: number): string | null {
  const key = `/sample.${name}`;
  const tensor = tensors.find(candidate => candidate.key === key);
  if (tensor?.stored !== 'exact' || tensor.shape.length === 0) return null;
  const ofOne = tensor.shape.slice(1).reduce((product, extent) => product * extent, 1);
  return ofOne <= maxElements ? key : null;
}

/** The sample that the shown tensor is of: its input, target and prediction at the shown step. */
export function sampleCard(client: Client, view: View): Resource<CardRequest, SampleCard> {
  const wanted = (): CardRequest | null => {
    const [run, catalog, step] = [view.run.value, view.shownCatalog.value, view.step.value];
    const pick = view.plan.value?.picks.find(({ name }) => name === SAMPLE_AXIS);
    if (run === null || catalog === null || step === null || !pick) return null;
    const { tensors, generation } = catalog;
    const input = sampleKey(tensors, 'inputs', MAX_THUMBNAIL_ELEMENTS);
    const target = sampleKey(tensors, 'targets', MAX_THUMBNAIL_ELEMENTS);
    const prediction = sampleKey(tensors, 'predictions', MAX_THUMBNAIL_ELEMENTS);
    if (input === null && target === null && prediction === null) return null;
    return { run, generation, step, sample: pick.index, input, target, prediction };
  };

  return resource(wanted, async (request, signal) => {
    const { run, generation, step, sample } = request;
    const load = async (key: string | null): Promise<NdArray | null> => {
      if (key === null) return null;
      try {
        return await client.array({ run, key, step, slice: String(sample), generation }, signal);
      } catch (error) {
        // Targets and predictions may come with some steps only.
        if (error instanceof ApiError && error.code === 'not_found') return null;
        throw error;
      }
    };
    const [input, target, prediction] = await Promise.all([
      load(request.input),
      load(request.target),
      load(request.prediction),
    ]);
    return { input, target, prediction };
  });
}

/** A class, or a plain value where it is none. `score` is that of the class, where there are scores. */
export interface Label {
  text: string;
  classIndex: number | null;
  score: number | null;
}

const DIGITS = 3;

function argmax(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > (values[best] ?? -Infinity) ? i : best), 0);
}

/**
 * What an array of one sample says: the class of the greatest score, an integer class, or a
 * value. Null for what is no label: a picture, say.
 */
export function labelOf(array: NdArray): Label | null {
  const values = Array.from(array.values, Number);
  const [value] = values;
  if (value === undefined || array.shape.length > 1) return null;
  if (values.some(Number.isNaN)) return { text: 'NaN', classIndex: null, score: null };
  if (values.length > 1) {
    const classIndex = argmax(values);
    return { text: String(classIndex), classIndex, score: values[classIndex] ?? null };
  }
  if (array.dtype.startsWith('f')) {
    return { text: String(Number(value.toPrecision(DIGITS))), classIndex: null, score: null };
  }
  return { text: String(value), classIndex: value, score: null };
}
