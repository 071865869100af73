import { expect, test } from 'vitest';

import { ceilFloat32, floorFloat32, precisionOf, scaleKeys, texelsOf } from '../../src/gl/keys';
import { matrixOf } from '../../src/scale/matrix';
import { DEFAULT_SETTINGS, resolveScale } from '../../src/scale/scale';

test.each([0.1, -0.1, 1 / 3, 1e-46, -1e-46, 1 + 2 ** -30, -1 - 2 ** -30, 16777217, 3.5e38])(
  'the float32 on either side of %d enclose it, with none between',
  value => {
    const [below, above] = [floorFloat32(value), ceilFloat32(value)];
    expect(below).toBeLessThanOrEqual(value);
    expect(above).toBeGreaterThanOrEqual(value);
    expect([Math.fround(below), Math.fround(above)]).toEqual([below, above]);
    expect([below, above]).toContain(Math.fround(value));
    expect(below < value || above > value ? below < above : below === above).toBe(true);
  },
);

test('a float32 is its own neighbour on both sides', () => {
  for (const value of [0, 1, -2.5, 2 ** -149, Number.POSITIVE_INFINITY]) {
    expect([floorFloat32(value), ceilFloat32(value)]).toEqual([value, value]);
  }
});

test('float arrays are read in place, others as the floats that hold them exactly', () => {
  const singles = Float32Array.of(1, -2).subarray(1);
  expect(texelsOf(singles)).toMatchObject({ precision: 'single', length: 1 });
  expect(texelsOf(singles).words.buffer).toBe(singles.buffer);
  expect([...texelsOf(singles).words]).toEqual([-0x40000000]);
  expect([...texelsOf(Uint8Array.of(1)).words]).toEqual([0x3f800000]);
  expect([...texelsOf(Float64Array.of(1)).words]).toEqual([0, 0x3ff00000]);
  expect([...texelsOf(BigInt64Array.of(2n)).words]).toEqual([0, 0x40000000]);
});

test('what 24 bits cannot hold is compared in double precision', () => {
  expect(precisionOf(Uint16Array.of())).toBe('single');
  expect(precisionOf(Int32Array.of())).toBe('double');
});

test('edges are in ascending order as the shader compares them', () => {
  const values = Float64Array.of(-3, 5);
  const scale = resolveScale(DEFAULT_SETTINGS, [matrixOf(values, 1, 2)]);
  const single = [...scaleKeys(scale, 'single').edges];
  const lowers = single.filter((_, i) => i % 2 === 0);
  expect(lowers).toEqual([...lowers].sort((a, b) => a - b));
  // The upper edge of a colour is the lower one of the next.
  expect(single.slice(1, -1).filter((_, i) => i % 2 === 0)).toEqual(lowers.slice(1));

  const words = scaleKeys(scale, 'double').edges;
  const keys = Array.from({ length: 256 }, (_, i) => {
    const low = BigInt.asUintN(32, BigInt(words[i * 4] ?? 0));
    return (BigInt(words[i * 4 + 1] ?? 0) << 32n) | low;
  });
  expect(keys.every((key, i) => i === 0 || key > (keys[i - 1] ?? key))).toBe(true);
});
