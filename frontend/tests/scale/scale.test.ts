import { describe, expect, test } from 'vitest';

import {
  CODE_ABOVE,
  CODE_BELOW,
  CODE_NAN,
  CODE_NEG_INF,
  CODE_POS_INF,
} from '../../src/scale/looks';
import { matrixOf, transposed } from '../../src/scale/matrix';
import {
  codeOf,
  coderOf,
  colorOf,
  countLooks,
  DEFAULT_SETTINGS,
  resolveScale,
  WEIGHT_SETTINGS,
} from '../../src/scale/scale';
import { RANGE_MODES, type ScaleSettings, TRANSFORMS, type Values } from '../../src/scale/types';

const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;

function scaleOf(values: Values, settings: Partial<ScaleSettings> = {}) {
  const matrix = matrixOf(values, 1, values.length);
  return resolveScale({ ...DEFAULT_SETTINGS, ...settings }, [matrix]);
}

function rangeOf(values: Values, settings: Partial<ScaleSettings> = {}): [number, number] {
  const { lo, hi } = scaleOf(values, settings);
  return [lo, hi];
}

describe('the range', () => {
  const mixed = Float32Array.of(3, NAN, -5, INF, 2, -INF, 0);

  test('auto is from the least to the greatest finite value', () => {
    expect(rangeOf(mixed)).toEqual([-5, 3]);
  });

  test('symmetric has zero in its middle', () => {
    expect(rangeOf(mixed, { mode: 'symmetric' })).toEqual([-5, 5]);
  });

  test('robust is the 1st and the 99th percentile, as NumPy has them by nearest rank', () => {
    // np.percentile(np.arange(1, 251) ** 2, [1, 99], method='inverted_cdf')
    const squares = Float64Array.from({ length: 250 }, (_, i) => (((i * 77) % 250) + 1) ** 2);
    expect(rangeOf(squares, { mode: 'robust' })).toEqual([9, 61504]);
    expect(rangeOf(Float32Array.of(5, NAN, 3, 1), { mode: 'robust' })).toEqual([1, 5]);
  });

  test('fixed is what is given, whichever way around, and open ends are those of the data', () => {
    expect(rangeOf(mixed, { mode: 'fixed', fixed: [-1, 1] })).toEqual([-1, 1]);
    expect(rangeOf(mixed, { mode: 'fixed', fixed: [1, -1] })).toEqual([-1, 1]);
    expect(rangeOf(mixed, { mode: 'fixed', fixed: [NAN, 1] })).toEqual([-5, 1]);
    expect(rangeOf(mixed, { mode: 'fixed', fixed: [NAN, NAN] })).toEqual([-5, 3]);
  });

  test('a logarithm starts at the least value above zero', () => {
    expect(rangeOf(mixed, { transform: 'log' })).toEqual([2, 3]);
    expect(rangeOf(mixed, { transform: 'log', mode: 'robust' })).toEqual([2, 3]);
    expect(rangeOf(mixed, { transform: 'log', mode: 'fixed', fixed: [-1, 8] })).toEqual([2, 8]);
  });

  test.each(RANGE_MODES)('%s of nothing finite is no range', mode => {
    expect(rangeOf(Float32Array.of(NAN, INF), { mode })).toEqual([NAN, NAN]);
    expect(rangeOf(Float32Array.of(), { mode })).toEqual([NAN, NAN]);
  });

  test('several matrices share one range, and only their own elements count', () => {
    const values = Float32Array.of(99, 1, 2, 3, 4, 99);
    const inner = matrixOf(values, 1, 2, 1);
    const column = { ...matrixOf(values, 2, 1, 3), rowStride: 1 };
    const { lo, hi } = resolveScale(DEFAULT_SETTINGS, [inner, transposed(column)]);
    expect([lo, hi]).toEqual([1, 4]);
  });

  test('64-bit integers are in order beyond what doubles hold', () => {
    expect(rangeOf(BigInt64Array.of(-5n, 2n ** 60n, 7n))).toEqual([-5, 2 ** 60]);
  });
});

describe('the code of a value', () => {
  test('is its place among 256 equal parts of the range', () => {
    const scale = scaleOf(Float64Array.of(0, 256));
    for (let place = 0; place < 256; place++) {
      expect(codeOf(scale, place)).toBe(place);
      expect(codeOf(scale, place + 0.999)).toBe(place);
    }
    expect(codeOf(scale, 256)).toBe(255);
  });

  test('is equal steps of the logarithm under log', () => {
    const scale = scaleOf(Float64Array.of(1, 2 ** 16), { transform: 'log' });
    for (let power = 0; power < 16; power++) {
      expect(codeOf(scale, 2 ** (power + 0.53))).toBe(power * 16 + 8);
    }
  });

  test('is as far from the middle for a value as for its negative under symlog', () => {
    const scale = scaleOf(Float64Array.of(-1, 1), { transform: 'symlog' });
    for (const value of [1e-5, 1e-3, 0.01, 0.1, 0.9]) {
      expect(codeOf(scale, value) + codeOf(scale, -value)).toBe(255);
      expect(codeOf(scale, value)).toBeGreaterThan(127);
    }
  });

  test('is special for what is not finite or out of range', () => {
    const scale = scaleOf(Float32Array.of(0, 9), { mode: 'fixed', fixed: [1, 2] });
    expect([NAN, INF, -INF, 0.5, 2.5].map(value => codeOf(scale, value))).toEqual([
      CODE_NAN,
      CODE_POS_INF,
      CODE_NEG_INF,
      CODE_BELOW,
      CODE_ABOVE,
    ]);
  });

  test('is the middle where all values are the same', () => {
    expect(codeOf(scaleOf(Float32Array.of(7, 7)), 7)).toBe(128);
    expect(codeOf(scaleOf(Float32Array.of(0, 0), { mode: 'symmetric' }), 0)).toBe(128);
  });

  test('is below for what a logarithm has no place for', () => {
    const scale = scaleOf(Float32Array.of(0, -3), { transform: 'log' });
    expect([0, -3].map(value => codeOf(scale, value))).toEqual([CODE_BELOW, CODE_BELOW]);
  });

  test('covers ranges whose width no double can hold', () => {
    const scale = scaleOf(Float64Array.of(-1.5e308, 1.5e308));
    expect([-1.5e308, 0, 1.5e308].map(value => codeOf(scale, value))).toEqual([0, 128, 255]);
  });

  test('covers ranges of the smallest doubles', () => {
    const scale = scaleOf(Float64Array.of(0, 256 * 5e-324));
    expect(codeOf(scale, 100 * 5e-324)).toBe(100);
  });
});

test.each(TRANSFORMS)('the quick coder of %s gives the same codes', transform => {
  const values = Float64Array.from({ length: 5000 }, (_, i) => Math.tan(i * 1.7) * 10 ** (i % 9));
  values.set([NAN, INF, -INF, 0, -0, 5e-324, -5e-324]);
  const fixed = [0.5, 1e4] as const;
  for (const mode of RANGE_MODES) {
    const scale = scaleOf(values, { transform, mode, fixed });
    const coder = coderOf(scale);
    const probes = [...values, ...scale.edges, scale.lo, scale.hi];
    for (const value of probes) expect(coder(value)).toBe(codeOf(scale, value));
  }
});

test('weights are white at zero, blue below and red above', () => {
  const matrix = matrixOf(Float32Array.of(-2, 0, 1), 1, 3);
  const scale = resolveScale(WEIGHT_SETTINGS, [matrix]);
  const [negative, zero, positive] = [-2, 0, 2].map(value => colorOf(scale, value));
  expect(negative?.[2]).toBeGreaterThan((negative?.[0] ?? 0) + 50);
  expect(positive?.[0]).toBeGreaterThan((positive?.[2] ?? 0) + 50);
  expect(Math.min(...(zero ?? []))).toBeGreaterThan(230);
});

test('looks are counted, each kind by itself', () => {
  const matrix = matrixOf(Float32Array.of(NAN, NAN, INF, -INF, 0, 1, 2, 3, 1.5), 3, 3);
  const settings = { ...DEFAULT_SETTINGS, mode: 'fixed', fixed: [1, 2] } as const;
  expect(countLooks(resolveScale(settings, [matrix]), [matrix])).toEqual({
    inside: 3,
    nan: 2,
    posInf: 1,
    negInf: 1,
    below: 1,
    above: 1,
  });
});
