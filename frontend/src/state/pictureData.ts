import type { ArrayRequest, Client } from '../api/client';
import type { Elements, NdArray } from '../api/npy';
import type { Tensor } from '../contract/messages';
import type { Plane } from './levels';
import { cOrdered } from './order';
import type { Plan } from './plan';

/** A request for a picture: everything that its labels need travels with it. */
export interface PictureRequest {
  run: string;
  generation: string;
  step: number;
  tensor: Tensor;
  plan: Plan;
}

/** What a level says of its blocks, element by element of the picture's array. */
export interface Blocks {
  /** Of the finite elements of each block; NaN where it has none. */
  finite: Elements;
  /** The sum of `HAS_NAN`, `HAS_POS_INF` and `HAS_NEG_INF`. */
  flags: Elements;
  /** Of an overview: the least and the greatest finite element of each block. */
  least?: Elements;
  greatest?: Elements;
}

/**
 * What is drawn, C-ordered. Of a level, a block with a NaN or an infinity has that in place of its
 * mean: it is seen, whatever the others are.
 */
export interface PictureArray extends NdArray {
  blocks?: Blocks;
}

/** Bits of the plane `flags`. */
export const HAS_NAN = 1;
export const HAS_POS_INF = 2;
export const HAS_NEG_INF = 4;

type StoredPlane = 'mean' | 'min' | 'max';

/** The routes' planes that a plane of ours is made of. */
const SOURCES: Readonly<Record<Plane, readonly StoredPlane[]>> = {
  mean: ['mean'],
  min: ['min'],
  max: ['max'],
  max_abs: ['min', 'max'],
  range: ['min', 'max'],
};

/** The planes that a picture needs: an overview also those that tell the range of all elements. */
function planesOf({ plane, tiled }: Plan): StoredPlane[] {
  return [...new Set([...SOURCES[plane], ...(tiled ? (['min', 'max'] as const) : [])])];
}

function requestsOf({ run, generation, step, tensor, plan }: PictureRequest): ArrayRequest[] {
  const request = { run, key: tensor.key, step, slice: plan.slice, generation };
  if (plan.level === 0) return [request];
  const planes = ['flags', ...planesOf(plan)] as const;
  return planes.map(plane => ({ ...request, level: plan.level, plane }));
}

/** A value of each block out of its least and greatest finite element. Levels are of floats. */
function fromExtremes(
  least: Elements,
  greatest: Elements,
  value: (least: number, greatest: number) => number,
): Elements {
  const values = greatest.slice();
  for (let i = 0; i < values.length; i++) values[i] = value(Number(least[i]), Number(greatest[i]));
  return values;
}

/** What a plane of ours shows, out of the routes' planes. */
function shownOf(plane: Plane, planes: Partial<Record<StoredPlane, NdArray>>): Elements {
  const { mean, min, max } = planes;
  if (plane === 'max_abs' && min && max) {
    return fromExtremes(min.values, max.values, (lo, hi) => (-lo > hi ? lo : hi));
  }
  if (plane === 'range' && min && max) {
    return fromExtremes(min.values, max.values, (lo, hi) => hi - lo);
  }
  const only = { mean, min, max, max_abs: undefined, range: undefined }[plane];
  if (only === undefined)
    throw new RangeError(`picture: expected the plane ${plane}, received none`);
  return only.values;
}

/** The special value that stands for a block; null where all of its elements are finite. */
function specialOf(flags: number): number | null {
  if (flags & HAS_NAN) return Number.NaN;
  if (flags & HAS_POS_INF) return Number.POSITIVE_INFINITY;
  return flags & HAS_NEG_INF ? Number.NEGATIVE_INFINITY : null;
}

/** A plane as it is drawn: with what is not finite in the place of the blocks that hold it. */
export function withFlags(
  plane: NdArray,
  flags: NdArray,
  extremes: Pick<Blocks, 'least' | 'greatest'> = {},
): PictureArray {
  const blocks = { finite: plane.values, flags: flags.values, ...extremes };
  if (!flags.values.some((bits: number | bigint) => bits !== 0)) return { ...plane, blocks };
  const values = plane.values.slice();
  flags.values.forEach((bits: number | bigint, i: number) => {
    const special = specialOf(Number(bits));
    if (special !== null) values[i] = special;
  });
  return { ...plane, values, blocks };
}

/** The answers that a picture is made of, brought into the client's cache. */
export async function fetchArrays(
  client: Client,
  request: PictureRequest,
  signal: AbortSignal,
): Promise<NdArray[]> {
  const arrays = await Promise.all(requestsOf(request).map(one => client.array(one, signal)));
  return arrays.map(cOrdered);
}

/**
 * The array with its axes in the order in which they are drawn: a view of the same elements. One
 * whose rank is not that of the plan, as the tensor's changed since, is left as it is.
 */
export function asDrawn<T extends NdArray>(array: T, drawn: readonly number[]): T {
  const kept = [...drawn].sort((a, b) => a - b);
  const { shape, strides } = array;
  if (shape.length !== drawn.length || String(kept) === String(drawn)) return array;
  const permuted = (lengths: readonly number[]) =>
    drawn.map(axis => lengths[kept.indexOf(axis)] ?? 1);
  return { ...array, shape: permuted(shape), strides: permuted(strides) };
}

/** What a picture is drawn of, its axes in the order of the plan's. */
export async function loadPicture(
  client: Client,
  request: PictureRequest,
  signal: AbortSignal,
): Promise<PictureArray> {
  const arrays = await fetchArrays(client, request, signal);
  return asDrawn(pictureOf(request, arrays), request.plan.drawn);
}

function pictureOf({ plan }: PictureRequest, arrays: readonly NdArray[]): PictureArray {
  const [first, ...others] = arrays;
  if (first === undefined) throw new RangeError('picture: expected an array, received none');
  if (plan.level === 0) return first;
  const planes: Partial<Record<StoredPlane, NdArray>> = Object.fromEntries(
    planesOf(plan).map((plane, i) => [plane, others[i]]),
  );
  const shown = { ...first, values: shownOf(plan.plane, planes) };
  const { min, max } = planes;
  const extremes = plan.tiled && min && max ? { least: min.values, greatest: max.values } : {};
  return withFlags(shown, first, extremes);
}
