/** IEEE 754 binary16, widened: exact, as every float16 is a float32. */

const EXPONENT_BITS = 0x7c00;
const FRACTION_BITS = 0x03ff;
const SMALLEST_SUBNORMAL = 2 ** -24;
const INFINITE_EXPONENT = 31;
const EXPONENT_BIAS = 15;
const FRACTION_STEPS = 1024;

/** The value of one float16, given its 16 bits. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits & EXPONENT_BITS) >> 10;
  const fraction = bits & FRACTION_BITS;
  if (exponent === 0) return sign * fraction * SMALLEST_SUBNORMAL;
  if (exponent === INFINITE_EXPONENT) return fraction === 0 ? sign * Infinity : NaN;
  return sign * 2 ** (exponent - EXPONENT_BIAS) * (1 + fraction / FRACTION_STEPS);
}

let table: Float32Array | null = null;

function valueTable(): Float32Array {
  if (table === null) {
    table = new Float32Array(0x10000);
    for (let bits = 0; bits < table.length; bits++) table[bits] = float16Value(bits);
  }
  return table;
}

/** The float32 values of an array of float16 bits. */
export function widenFloat16(bits: Uint16Array): Float32Array {
  const values = valueTable();
  const widened = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) widened[i] = values[bits[i] ?? 0] ?? 0;
  return widened;
}
