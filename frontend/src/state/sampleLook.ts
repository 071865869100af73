import type { NdArray } from '../api/npy';
import { formatShort } from '../scale/format';
import { cOrdered } from './order';
import { TEXT } from './sampleArrays';

/** How one sample is shown: as a picture, lines, tokens, a text, or numbers. */
export type Look =
  | { readonly kind: 'picture'; readonly image: NdArray; readonly note: string }
  | { readonly kind: 'lines'; readonly lines: readonly Float64Array[] }
  | { readonly kind: 'tokens'; readonly ids: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'numbers'; readonly words: string };

/** More numbers than these are a signal. */
const MOST_NUMBERS = 8;
/** More lines than these are a picture. */
const MOST_LINES = 8;
/** A signal is longer than it has channels, by this. */
const TIMES_LONGER = 4;
/** Channels of a picture: grey, red green blue, and these with an opacity. */
const CHANNELS: readonly number[] = [1, 3, 4];

function isWhole({ dtype }: NdArray): boolean {
  return /^[iub]/.test(dtype);
}

/** The array at one index of its first axis; nothing is copied. */
function within(array: NdArray, index: number): NdArray {
  const { values, shape, strides } = array;
  const offset = index * (strides[0] ?? 0);
  return {
    ...array,
    values: values.subarray(offset),
    shape: shape.slice(1),
    strides: strides.slice(1),
  };
}

/** An array with its axes in another order; nothing is copied. */
function transposed(array: NdArray, order: readonly number[]): NdArray {
  return {
    ...array,
    shape: order.map(axis => array.shape[axis] ?? 1),
    strides: order.map(axis => array.strides[axis] ?? 0),
  };
}

function linesOf({ values, shape, strides }: NdArray): Float64Array[] {
  const [count = 0, length = 0] = shape;
  const [lineStride = 0, stride = 0] = strides;
  return Array.from({ length: count }, (_, line) =>
    Float64Array.from({ length }, (_, i) => Number(values[line * lineStride + i * stride])),
  );
}

/** A picture of rows and columns: channels first, one or three of them. */
function pictureOf(array: NdArray): { image: NdArray; note: string } {
  if (array.shape.length === 2) return { image: array, note: '' };
  if (array.shape.length > 3) {
    // Of a volume or a film, the middle: of channels first, the axis behind them.
    const [channels = 0] = array.shape;
    const isChannels = CHANNELS.includes(channels);
    const moved = isChannels
      ? transposed(array, [1, 0, ...array.shape.slice(2).map((_, i) => i + 2)])
      : array;
    const middle = Math.floor((moved.shape[0] ?? 1) / 2);
    const { image } = pictureOf(within(moved, middle));
    return { image, note: `Slice ${middle} of ${moved.shape[0]}.` };
  }
  const [first = 0, , last = 0] = array.shape;
  if (CHANNELS.includes(first)) return { image: array, note: '' };
  if (CHANNELS.includes(last))
    return { image: transposed(array, [2, 0, 1]), note: 'Channels last.' };
  return { image: within(array, 0), note: `The first of ${first} channels.` };
}

/** Bytes of UTF-8, up to the first that is zero. */
function textOf(values: NdArray['values']): string {
  const bytes = Uint8Array.from<number | bigint>(values, Number);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** How one sample is shown; null where it has no elements. */
export function lookOf(given: NdArray): Look | null {
  const array = cOrdered(given);
  const { values, shape } = array;
  const [first = 1, second = 1] = shape;
  if (values.length === 0 || shape.includes(0)) return null;
  if (array.dtype === TEXT) return { kind: 'text', text: textOf(values) };
  if (shape.length === 1 && isWhole(array)) {
    return { kind: 'tokens', ids: Array.from(values, String) };
  }
  if (shape.length < 2 && values.length <= MOST_NUMBERS) {
    const words = Array.from<number | bigint, string>(values, value =>
      isWhole(array) ? String(value) : formatShort(value),
    );
    return { kind: 'numbers', words: words.join(', ') };
  }
  if (shape.length === 1)
    return { kind: 'lines', lines: linesOf({ ...array, shape: [1, first], strides: [first, 1] }) };
  if (shape.length === 2 && !isWhole(array)) {
    if (first <= MOST_LINES && second >= TIMES_LONGER * first && second > MOST_NUMBERS) {
      return { kind: 'lines', lines: linesOf(array) };
    }
    if (second <= MOST_LINES && first >= TIMES_LONGER * second && first > MOST_NUMBERS) {
      return { kind: 'lines', lines: linesOf(transposed(array, [1, 0])) };
    }
  }
  return { kind: 'picture', ...pictureOf(array) };
}

/**
 * Which class is answered for each place: the greatest of scores that have one axis more than the
 * target, before or behind its own; of one score a place, whether it is above what separates two
 * classes. Classes are as they are.
 */
export function placesOf(scores: NdArray, target: NdArray): NdArray {
  if (isWhole(scores)) return scores;
  const array = cOrdered(scores);
  const drawn = (shape: readonly number[]) => shape.filter(extent => extent !== 1);
  const shape = drawn(target.shape);
  const isAlike = String(drawn(array.shape)) === String(shape);
  const count = shape.reduce((product, extent) => product * extent, 1);
  const classes = isAlike ? 1 : Math.round(array.values.length / Math.max(1, count));
  const isFirst = String(drawn(array.shape.slice(1))) === String(shape);
  const [classStride, placeStride] = isFirst ? [count, 1] : [1, classes];
  const hasNegative = array.values.some((value: number | bigint) => Number(value) < 0);
  const hasLarge = array.values.some((value: number | bigint) => Number(value) > 1);
  const limit = hasNegative || hasLarge ? 0 : 0.5;
  const values = Uint16Array.from({ length: count }, (_, place) => {
    if (classes === 1) return Number(array.values[place]) >= limit ? 1 : 0;
    let best = 0;
    for (let each = 1; each < classes; each++) {
      const score = Number(array.values[each * classStride + place * placeStride]);
      if (score > Number(array.values[best * classStride + place * placeStride])) best = each;
    }
    return best;
  });
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, extent) => product * extent, 1),
  );
  return { values, shape, strides, dtype: 'u2' };
}
