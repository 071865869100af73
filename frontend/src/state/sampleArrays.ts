import type { ArrayRequest, Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { NdArray } from '../api/npy';
import type { Tensor } from '../contract/messages';
import { cOrdered } from './order';

export const ROLES = ['inputs', 'targets', 'predictions'] as const;
export type Role = (typeof ROLES)[number];

/** What of a tensor a page asks for: its elements, or blocks of them where they are too many. */
export interface Asked {
  readonly key: string;
  /** 0 is elements; k are means of blocks of 8^k x 8^k of the last two axes. */
  readonly level: number;
}

/** Elements of the samples of a step that a page loads at once. */
const MAX_ELEMENTS = 8_000_000;
const BLOCK_SIDE = 8;

/** How the key of a tensor ends whose rows are texts in UTF-8, filled up with zeros. */
const TEXT_SUFFIX = '.utf8';
/** What the type of such an array is called here. */
export const TEXT = 'text';

function product(extents: readonly number[]): number {
  return extents.reduce((total, extent) => total * extent, 1);
}

/** What a step was given as `role`: of several tensors, the text, or the first. */
export function roleTensor(tensors: readonly Tensor[], role: Role): Tensor | null {
  const own = `/sample.${role}`;
  const text = tensors.find(({ key }) => key.startsWith(own) && key.endsWith(TEXT_SUFFIX));
  if (text !== undefined) return text;
  const given =
    tensors.find(({ key }) => key === own) ?? tensors.find(({ key }) => key.startsWith(`${own}.`));
  if (given !== undefined || role !== 'inputs') return given ?? null;
  // Nobody named the inputs: those of the model itself are the same.
  return tensors.find(({ key, axes }) => key.startsWith('/input.') && axes[0] === 'Sample') ?? null;
}

/**
 * How `role` is asked for, of all samples or of one; null where it was not kept, or where even
 * blocks of it are too many. Only what is looked at may come in blocks: answers are read exactly.
 */
export function askedFor(
  tensors: readonly Tensor[],
  role: Role,
  ofOneSample: boolean,
): Asked | null {
  const tensor = roleTensor(tensors, role);
  if (tensor?.stored !== 'exact' || tensor.shape.length === 0) return null;
  const shape = ofOneSample ? tensor.shape.slice(1) : tensor.shape;
  const most = role === 'inputs' ? tensor.levels : 0;
  for (let level = 0; level <= most; level++) {
    const side = BLOCK_SIDE ** level;
    const blocks = shape.map((extent, axis) =>
      axis < shape.length - 2 ? extent : Math.ceil(extent / side),
    );
    if (product(blocks) <= MAX_ELEMENTS) return { key: tensor.key, level };
  }
  return null;
}

/** The elements that were asked for; null where they were not recorded at this step. */
export async function loadAsked(
  client: Client,
  asked: Asked | null,
  place: Pick<ArrayRequest, 'run' | 'step' | 'generation' | 'slice'>,
  signal: AbortSignal,
): Promise<NdArray | null> {
  if (asked === null) return null;
  const { key, level } = asked;
  try {
    const array = await client.array({ ...place, key, ...(level === 0 ? {} : { level }) }, signal);
    return key.endsWith(TEXT_SUFFIX) ? { ...array, dtype: TEXT } : array;
  } catch (error) {
    // Targets and predictions may come with some steps only.
    if (error instanceof ApiError && error.code === 'not_found') return null;
    throw error;
  }
}

/** One sample of an array whose first axis counts them; no element is copied. */
export function sampleOf(array: NdArray, index: number): NdArray {
  const { values, shape, strides } = cOrdered(array);
  const size = product(shape.slice(1));
  return {
    ...array,
    values: values.subarray(index * size, (index + 1) * size),
    shape: shape.slice(1),
    strides: strides.slice(1),
  };
}
