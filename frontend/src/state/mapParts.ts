/**
 * Galleries of very many elements, fetched in parts: the maps that are in view first. Until all
 * are there, the range of the colours is that of the blocks of a level, which are few.
 */

import type { ArrayRequest, Client } from '../api/client';
import { denseStrides, type Elements, type NdArray } from '../api/npy';
import { rowMatrix } from '../scale/matrix';
import type { Matrix } from '../scale/types';
import { blockSides, MAX_ANSWER_ELEMENTS } from './levels';
import { cOrdered } from './order';
import { asDrawn, type PictureArray, type PictureRequest } from './pictureData';
import { levelSlice } from './plan';

/** What has fewer elements comes at once. */
export const MIN_ELEMENTS = 1_048_576;
/** Elements of a part: a few of them fill a screen. */
const PART_ELEMENTS = 262_144;
/** Parts that are under way at once. */
const PARALLEL = 3;
const LEVEL = 1;
/**
 * Of maps that lie scattered in the log, most of it is read for each part: so many are not too many.
 */
const MOST_SCATTERED = 8;
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
  /** By part, its axes as they are drawn; undefined where it has not come yet. */
  readonly arrays: readonly (NdArray | undefined)[];
  /** The least and the greatest elements of blocks of all maps; of a crop, of the blocks around it. */
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

/** Whether the elements of a map lie together in the log, so that a part of the maps is read alone. */
function areTogether({ plan }: PictureRequest): boolean {
  return plan.drawn[0] === Math.min(...plan.drawn);
}

/** The parts that a picture is fetched in; null of one that comes at once. */
export function partsOf(request: PictureRequest): MapPart[] | null {
  const { tensor, plan } = request;
  const shape = lengths(request);
  const size = sizeOf(shape);
  const [first = 0] = shape;
  const isGallery = plan.layout === 'gallery' && plan.level === 0;
  if (!isGallery || tensor.levels < LEVEL || size < MIN_ELEMENTS || size > MAX_ANSWER_ELEMENTS) {
    return null;
  }
  const some = Math.max(1, Math.floor(PART_ELEMENTS / (size / first)));
  const each = areTogether(request) ? some : Math.max(some, Math.ceil(first / MOST_SCATTERED));
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
    return rowMatrix((await client.array(asked, signal)).values);
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

/** Puts the elements of parts together, whose indices along one axis of theirs follow one another. */
function interleaved<T extends Elements>(parts: readonly T[], rows: number): T {
  const [first] = parts;
  if (first === undefined) throw new RangeError('parts: expected some, received none');
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const Typed = first.constructor as new (length: number) => T;
  const whole = new Typed(length);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const part of parts) {
      const own = part.length / rows;
      const piece = part.subarray(row * own, (row + 1) * own);
      // All parts are of one dtype, which typed arrays of the same class are, too.
      (whole as Float64Array).set(piece as Float64Array, at);
      at += own;
    }
  }
  return whole;
}

/** The whole of parts of a request, its axes in the order in which they are drawn. */
function joined(request: PictureRequest, arrays: readonly NdArray[]): PictureArray {
  const { drawn } = request.plan;
  const kept = [...drawn].sort((a, b) => a - b);
  const drawnShape = lengths(request);
  const shape = kept.map(axis => drawnShape[drawn.indexOf(axis)] ?? 1);
  // Before the axis of the maps there may be others, of each index of which every part has a piece.
  const rows = sizeOf(shape.slice(0, kept.indexOf(drawn[0] ?? 0)));
  const ofParts = arrays.flatMap(array => array.parts ?? []);
  const whole = {
    values: interleaved(
      arrays.map(({ values }) => values),
      rows,
    ),
    shape,
    strides: denseStrides(shape),
    dtype: arrays[0]?.dtype ?? '',
    ...(ofParts.length > 0 ? { parts: interleaved(ofParts, rows) } : {}),
  };
  return asDrawn(whole, drawn);
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
  const arrived: (NdArray | undefined)[] = parts.map(() => undefined);
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
      const array = cOrdered(await client.array(partRequest(request, part), signal));
      arrived[next] = array;
      arrays[next] = asDrawn(array, request.plan.drawn);
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
    request,
    arrived.filter(array => array !== undefined),
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
