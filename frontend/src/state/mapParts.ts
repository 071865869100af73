/**
 * Galleries of very many elements, fetched in parts: the maps that are in view first. Until all
 * are there, the range of the colours is that of the blocks of a level, which are few.
 */

import type { ArrayRequest, Client } from '../api/client';
import type { NdArray } from '../api/npy';
import type { Matrix } from '../scale/types';
import { blockSides, MAX_ANSWER_ELEMENTS } from './levels';
import { cOrdered } from './order';
import type { PictureArray, PictureRequest } from './pictureData';
import { levelSlice } from './plan';

/** What has fewer elements comes at once. */
export const MIN_ELEMENTS = 1_048_576;
/** Elements of a part: a few of them fill a screen. */
const PART_ELEMENTS = 262_144;
/** Parts that are under way at once. */
const PARALLEL = 3;
const LEVEL = 1;
/** What arrives within so long is told of at once: parts that were kept come all together. */
const GATHER_MS = 30;

/** Some indices of the first drawn axis, counted from the first that is shown. */
export interface MapPart {
  readonly start: number;
  readonly stop: number;
}

/** What has come of a gallery. */
export interface Arrived {
  readonly request: PictureRequest;
  /** Of the whole. */
  readonly shape: readonly number[];
  readonly parts: readonly MapPart[];
  /** By part; undefined where it has not come yet. */
  readonly arrays: readonly (NdArray | undefined)[];
  /** The least and the greatest elements of blocks of all maps. */
  readonly extremes: readonly [least: Matrix, greatest: Matrix];
}

function lengths({ tensor, plan }: PictureRequest): number[] {
  return plan.drawn.map(axis => {
    const [start = 0, stop = 0] = plan.spans[axis] ?? [0, tensor.shape[axis] ?? 0];
    return stop - start;
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** The parts that a picture is fetched in; null of one that comes at once. */
export function partsOf(request: PictureRequest): MapPart[] | null {
  const { tensor, plan } = request;
  const shape = lengths(request);
  const size = sizeOf(shape);
  const [first = 0] = shape;
  const isInOrder = plan.drawn[0] === Math.min(...plan.drawn);
  const isWhole = tensor.shape
    .slice(-2)
    .every((extent, i) => String(plan.spans.at(i - 2)) === String([0, extent]));
  const canWait = plan.layout === 'gallery' && plan.level === 0 && isInOrder && isWhole;
  const hasLevel = tensor.levels >= LEVEL && !tensor.dtype.startsWith('complex');
  if (!canWait || !hasLevel || size < MIN_ELEMENTS || size > MAX_ANSWER_ELEMENTS) return null;
  const each = Math.max(1, Math.floor(PART_ELEMENTS / (size / first)));
  return Array.from({ length: Math.ceil(first / each) }, (_, i) => ({
    start: i * each,
    stop: Math.min(first, (i + 1) * each),
  }));
}

function requestOf(request: PictureRequest, slice: string): ArrayRequest {
  const { run, generation, step, tensor } = request;
  return { run, key: tensor.key, step, slice, generation };
}

function partRequest(request: PictureRequest, { start, stop }: MapPart): ArrayRequest {
  const { plan } = request;
  const [axis = 0] = plan.drawn;
  const first = plan.spans[axis]?.[0] ?? 0;
  const slices = plan.slice.split(',');
  slices[axis] = `${first + start}:${first + stop}`;
  return requestOf(request, slices.join(','));
}

async function extremesOf(
  client: Client,
  request: PictureRequest,
  signal: AbortSignal,
): Promise<Arrived['extremes']> {
  const { tensor, plan } = request;
  const blocks = blockSides(tensor.shape.length, LEVEL);
  const slice = levelSlice({ ...plan, blocks }, tensor.shape);
  const matrix = async (plane: 'min' | 'max'): Promise<Matrix> => {
    const asked = { ...requestOf(request, slice), level: LEVEL, plane };
    const { values } = await client.array(asked, signal);
    const cols = values.length;
    return { values, rows: 1, cols, offset: 0, rowStride: cols, colStride: 1 };
  };
  return Promise.all([matrix('min'), matrix('max')]);
}

/** Which part is to come next: the first of those in view, else the first of all. */
export function nextPart(
  parts: readonly MapPart[],
  isOpen: (part: number) => boolean,
  [first, last]: readonly [number, number],
): number {
  const inView = parts.findIndex(
    ({ start, stop }, i) => isOpen(i) && start <= last && stop > first,
  );
  return inView >= 0 ? inView : parts.findIndex((_, i) => isOpen(i));
}

function joined(arrays: readonly NdArray[], shape: number[]): PictureArray {
  const [first] = arrays;
  if (first === undefined) throw new RangeError('parts: expected some, received none');
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const Elements = first.values.constructor as new (length: number) => NdArray['values'];
  const values = new Elements(sizeOf(shape));
  let at = 0;
  for (const part of arrays) {
    // All parts are of one dtype, which typed arrays of the same class are, too.
    (values as Float64Array).set(part.values as Float64Array, at);
    at += part.values.length;
  }
  return { values, shape, strides, dtype: first.dtype };
}

/**
 * Fetches a gallery in its parts. `inView` says which indices of the first drawn axis are looked at
 * just now; `onArrival` is told each time that there is more to see.
 */
export async function loadParts(
  client: Client,
  request: PictureRequest,
  parts: readonly MapPart[],
  inView: () => readonly [first: number, last: number],
  onArrival: (arrived: Arrived) => void,
  signal: AbortSignal,
): Promise<PictureArray> {
  const shape = lengths(request);
  const arrays: (NdArray | undefined)[] = parts.map(() => undefined);
  const asked = new Set<number>();
  let extremes: Arrived['extremes'] | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (extremes === null || arrays.every(array => array === undefined)) return;
      onArrival({ request, shape, parts, arrays: [...arrays], extremes });
    }, GATHER_MS);
  };
  const fetchNext = async (): Promise<void> => {
    for (;;) {
      const next = nextPart(parts, part => !asked.has(part), inView());
      const part = parts[next];
      if (part === undefined) return;
      asked.add(next);
      arrays[next] = cOrdered(await client.array(partRequest(request, part), signal));
      tell();
    }
  };
  const findExtremes = extremesOf(client, request, signal).then(found => {
    extremes = found;
    tell();
  });
  try {
    await Promise.all([findExtremes, ...Array.from({ length: PARALLEL }, fetchNext)]);
  } finally {
    clearTimeout(timer);
  }
  return joined(
    arrays.filter(array => array !== undefined),
    shape,
  );
}

/** Brings all parts into the client's cache. */
export async function prefetchParts(
  client: Client,
  request: PictureRequest,
  parts: readonly MapPart[],
  signal: AbortSignal,
): Promise<void> {
  await loadParts(
    client,
    request,
    parts,
    () => [0, 0],
    () => undefined,
    signal,
  );
}
