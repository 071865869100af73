import { expect, test } from 'vitest';

import { formatShort, formatValue } from '../../src/scale/format';

/** Bits of float32, and `numpy.format_float_scientific(x, unique=True, trim='-')` of NumPy 2. */
const NUMPY_FLOAT32: readonly [bits: number, text: string][] = [
  [0x3dcccccd, '1e-01'],
  [0x3eaaaaab, '3.3333334e-01'],
  [0x33d6bf95, '1e-07'],
  [0x4b800000, '1.6777216e+07'],
  [0x7f7fffff, '3.4028235e+38'],
  [0x00000001, '1e-45'],
  [0x00800000, '1.1754944e-38'],
  [0x3dccc000, '9.9975586e-02'],
  [0x47f12065, '1.2345679e+05'],
  [0xc0200000, '-2.5e+00'],
  [0x60ad78ec, '1e+20'],
  [0x501502f8, '9.999999e+09'],
  [0x55dc72d4, '3.0298218e+13'],
  [0x670a55f7, '6.5327235e+23'],
  [0x02e64cfa, '3.3839645e-37'],
  [0x3c0356e0, '8.016318e-03'],
  [0x41f6301f, '3.0773497e+01'],
  [0x249523be, '6.4679e-17'],
];

function float32Of(bits: number): Float32Array {
  return new Float32Array(Uint32Array.of(bits).buffer);
}

test.each(NUMPY_FLOAT32)('float32 %i has the digits that NumPy gives it, %s', (bits, text) => {
  const values = float32Of(bits);
  expect(Number(formatValue(values[0] ?? Number.NaN, values))).toBe(Number(text));
});

test('every float32 reads back as itself', () => {
  for (let bits = 1; bits < 0x7f800000; bits += 1_234_567) {
    const values = float32Of(bits);
    const value = values[0] ?? Number.NaN;
    expect(Math.fround(Number(formatValue(value, values)))).toBe(value);
  }
});

test('a float64 keeps all of its digits', () => {
  expect(formatValue(0.1 + 0.2, Float64Array.of())).toBe('0.30000000000000004');
});

test('integers are whole, however large', () => {
  expect(formatValue(9007199254740993n, BigInt64Array.of())).toBe('9007199254740993');
  expect(formatValue(-7, Int8Array.of())).toBe('-7');
  expect(formatValue(16777216, Float32Array.of())).toBe('16777216');
});

test('what is not finite has a name, and negative zero its sign', () => {
  const values = Float32Array.of();
  expect(formatValue(Number.NaN, values)).toBe('NaN');
  expect(formatValue(Number.POSITIVE_INFINITY, values)).toBe('+Inf');
  expect(formatValue(Number.NEGATIVE_INFINITY, values)).toBe('-Inf');
  expect(formatValue(-0, values)).toBe('-0');
});

test.each([
  [0.123456, '0.123'],
  [-0.000123456, '-1.23e-4'],
  [123456, '123000'],
  [1.5e9, '1.5e9'],
  [0, '0'],
  [42n, '42'],
  [Number.NaN, 'NaN'],
])('%s in few letters is %s', (value, text) => {
  expect(formatShort(value)).toBe(text);
});
