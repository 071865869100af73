import type { Values } from './types';

/** Nine significant digits tell every float32 from its neighbours (IEEE 754). */
const FLOAT32_DIGITS = 9;

function nonFiniteName(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** The fewest digits that only this float32 is nearest to. */
function shortestFloat32(value: number): string {
  for (let digits = 1; digits < FLOAT32_DIGITS; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(FLOAT32_DIGITS)));
}

/**
 * The exact value as text: the fewest digits that read back as the same element of an array of
 * this kind, whole numbers whole, and NaN, +Inf and -Inf by name.
 */
export function formatValue(value: number | bigint, values: Values): string {
  if (typeof value === 'bigint') return value.toString();
  if (!Number.isFinite(value)) return nonFiniteName(value);
  if (Object.is(value, -0)) return '-0';
  return values instanceof Float32Array ? shortestFloat32(value) : String(value);
}

/**
 * A value in few letters, for ticks, and for cells that have no room for every digit: at most
 * `digits` significant digits, in exponent form where that is shorter.
 */
export function formatShort(value: number | bigint, digits = 3): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return nonFiniteName(number);
  if (number === 0) return '0';
  const magnitude = Math.abs(number);
  const rounded = Number(number.toPrecision(digits));
  if (Number.isInteger(rounded) && magnitude < 1e6) return String(rounded);
  if (magnitude >= 1e-3 && magnitude < 1e6) return String(rounded);
  return rounded.toExponential().replace('e+', 'e');
}

/** Elements in words, by their place in the array. */
export interface Wording {
  /** As an element is told under the pointer. */
  readonly told: (address: number) => string;
  /** As it stands in a table. */
  readonly written: (address: number) => string;
}

/** Elements that are no more than their values. */
export function plainWording(values: Values): Wording {
  const text = (address: number) => {
    const value = values[address];
    return value === undefined ? '' : formatValue(value, values);
  };
  return { told: text, written: text };
}

/** One index of an axis in words: "Row 3"; "Axis 2 = 3" of an axis that has no name but a number. */
export function placeText(title: string, index: string): string {
  return /\d$/.test(title) ? `${title} = ${index}` : `${title} ${index}`;
}

/** So many of something, in words: `1 element`, `12,345 elements`. */
export function counted(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : `${one}s`}`;
}
