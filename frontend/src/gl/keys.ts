import { COLOR_COUNT } from '../scale/looks';
import { asNumbers } from '../scale/matrix';
import { bendOf } from '../scale/transform';
import type { Scale, Values } from '../scale/types';

/**
 * Elements as the shader compares them: the bits of floats, read as integers. Integers are exact
 * on every device, where float comparisons may flush denormals to zero and `isnan` is allowed to
 * be wrong; and once negative numbers are mirrored, their order is the order of the floats.
 *
 * `single`: one word, the bits of a float32, which holds 8- and 16-bit integers exactly.
 * `double`: two words, low then high, the bits of a float64, which holds 32-bit integers exactly.
 */
export type Precision = 'single' | 'double';

export interface Texels {
  readonly precision: Precision;
  readonly words: Int32Array<ArrayBufferLike>;
  /** How many elements; the words are as many, or twice as many. */
  readonly length: number;
}

export function precisionOf(values: Values): Precision {
  const single =
    values instanceof Float32Array ||
    values instanceof Int8Array ||
    values instanceof Uint8Array ||
    values instanceof Int16Array ||
    values instanceof Uint16Array;
  return single ? 'single' : 'double';
}

/** The words of an array; of float arrays a view, not a copy. All browsers are little-endian. */
export function texelsOf(values: Values): Texels {
  const precision = precisionOf(values);
  if (precision === 'single') {
    const floats = values instanceof Float32Array ? values : Float32Array.from(asNumbers(values));
    const words = new Int32Array(floats.buffer, floats.byteOffset, floats.length);
    return { precision, words, length: floats.length };
  }
  const numbers = asNumbers(values);
  const floats = numbers instanceof Float64Array ? numbers : Float64Array.from(numbers);
  const words = new Int32Array(floats.buffer, floats.byteOffset, floats.length * 2);
  return { precision, words, length: floats.length };
}

const scratch = new DataView(new ArrayBuffer(8));

/** The float32 of the least magnitude step above (`up`) or below a float32. */
function nextFloat32(value: number, up: boolean): number {
  if (value === 0) return up ? 2 ** -149 : -(2 ** -149);
  scratch.setFloat32(0, value);
  const away = value > 0 === up;
  scratch.setInt32(0, scratch.getInt32(0) + (away ? 1 : -1));
  return scratch.getFloat32(0);
}

/** The least float32 that is not less than a number: a float32 passes both or neither. */
export function ceilFloat32(value: number): number {
  const nearest = Math.fround(value);
  return nearest < value ? nextFloat32(nearest, true) : nearest;
}

/** The greatest float32 that is not greater than a number. */
export function floorFloat32(value: number): number {
  const nearest = Math.fround(value);
  return nearest > value ? nextFloat32(nearest, false) : nearest;
}

/** The ordered integer of a float32; both zeros have the same. */
function singleKey(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getInt32(0);
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}

/** The ordered 64-bit integer of a float64, low word then high word; both zeros have the same. */
function doubleKey(value: number): [low: number, high: number] {
  scratch.setFloat64(0, Math.abs(value));
  const magnitude = scratch.getBigInt64(0);
  scratch.setBigInt64(0, value < 0 ? -magnitude : magnitude);
  return [scratch.getInt32(4), scratch.getInt32(0)];
}

/** A scale in the shader's terms. Keys of `double` are two words, low then high. */
export interface ScaleKeys {
  /** The lower and the upper edge of each of the 256 colours; the outermost are never passed. */
  readonly edges: Int32Array<ArrayBuffer>;
  readonly lo: readonly number[];
  readonly hi: readonly number[];
  /** The bent low end, colours per bent unit, one over symlog's constant, the colour at the low end. */
  readonly guess: readonly [number, number, number, number];
}

/** What the shader guesses places from; a guess that is off costs time, never a wrong colour. */
function guessOf({ settings, lo, hi }: Scale): ScaleKeys['guess'] {
  if (lo === hi) return [0, 0, 0, COLOR_COUNT / 2];
  const { bend, constant } = bendOf(settings.transform, lo, hi);
  return [bend(lo), COLOR_COUNT / (bend(hi) - bend(lo)), 1 / constant, 0];
}

/** Where the data has no range, every finite value is below it. */
export function scaleKeys(scale: Scale, precision: Precision): ScaleKeys {
  const lo = Number.isNaN(scale.lo) ? Number.POSITIVE_INFINITY : scale.lo;
  const hi = Number.isNaN(scale.hi) ? Number.POSITIVE_INFINITY : scale.hi;
  const single = precision === 'single';
  const keyOf = (value: number) => (single ? [singleKey(value)] : doubleKey(value));
  const keys = Array.from(scale.edges, edge => keyOf(single ? ceilFloat32(edge) : edge));
  const lowest = keyOf(Number.NEGATIVE_INFINITY);
  const highest = keyOf(Number.POSITIVE_INFINITY);
  const pairs = [lowest, ...keys].flatMap((lower, i) => [...lower, ...(keys[i] ?? highest)]);
  return {
    edges: Int32Array.from(pairs),
    lo: keyOf(single ? ceilFloat32(lo) : lo),
    hi: keyOf(single ? floorFloat32(hi) : hi),
    guess: guessOf(scale),
  };
}
