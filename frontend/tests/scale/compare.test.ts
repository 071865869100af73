import { describe, expect, test } from 'vitest';
import { combined } from '../../src/scale/compare';
import {
  DifferenceSums,
  differenceOf,
  Furthest,
  furthest,
  scatterOf,
} from '../../src/scale/difference';

const floats = (...values: number[]) => Float32Array.from(values);
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('differenceOf', () => {
  test('its_numbers_are_those_of_the_definitions', () => {
    const found = differenceOf(floats(1, 2, -3, 0), floats(1, 0, 3, 0));
    expect(found.count).toBe(4);
    expect(found.unequal).toBe(2);
    expect(found.maxAbs).toBe(6);
    expect(found.rms).toBeCloseTo(Math.sqrt((4 + 36) / 4), 14);
    expect(found.relative).toBeCloseTo(Math.sqrt(40 / 14), 14);
    expect(found.cosine).toBeCloseTo((1 - 9) / Math.sqrt(14 * 10), 14);
  });

  test('what_is_not_finite_is_counted_and_in_no_mean', () => {
    const found = differenceOf(floats(nan, inf, inf, 1), floats(nan, -inf, 5, 2));
    expect([found.unequal, found.unlike]).toEqual([3, 2]);
    expect([found.maxAbs, found.rms]).toEqual([1, 1]);
  });

  test('of_nothing_finite_there_are_no_numbers', () => {
    const found = differenceOf(floats(nan), floats(inf));
    expect(found.maxAbs).toBeNaN();
    expect(found.rms).toBeNaN();
    expect(differenceOf(floats(), floats()).count).toBe(0);
  });

  test('whole_numbers_that_are_one_double_are_told_apart', () => {
    const [a, b] = [BigInt64Array.of(2n ** 53n + 1n, 7n), BigInt64Array.of(2n ** 53n, 7n)];
    const found = differenceOf(a, b);
    expect([found.unequal, found.maxAbs]).toEqual([1, 1]);
    expect(furthest(a, b, 5).map(({ place }) => place)).toEqual([0]);
    expect([...combined(a, b, 'difference')]).toEqual([1, 0]);
  });

  test('arrays_of_other_lengths_are_refused', () => {
    expect(() => differenceOf(floats(1), floats(1, 2))).toThrow('expected 1 elements, received 2');
  });
});

test('two_arrays_make_a_third', () => {
  const [a, b] = [floats(4, 0, inf, 1), floats(2, 0, inf, 0)];
  expect([...combined(a, b, 'difference')]).toEqual([2, 0, 0, 1]);
  expect([...combined(a, b, 'ratio')]).toEqual([2, nan, nan, inf]);
  expect([...combined(a, b, 'relative')]).toEqual([0.5, 0, 0, 1]);
});

test('the_furthest_come_first_and_what_is_not_finite_before_all', () => {
  const a = floats(0, 1, nan, 5, 2, nan);
  const b = floats(0, 3, nan, -5, 2.5, 7);
  const places = (most: number) => furthest(a, b, most).map(({ place }) => place);
  expect(places(10)).toEqual([5, 3, 1, 4]);
  expect(places(2)).toEqual([5, 3]);
  expect(furthest(a, b, 1)).toEqual([{ place: 5, a: nan, b: 7 }]);
});

test('what_comes_in_parts_is_compared_as_if_it_came_at_once', () => {
  const a = floats(0, 1, nan, 5, 2, nan, 3, -8);
  const b = floats(0, 3, nan, -5, 2.5, 7, 3, 8);
  const sums = new DifferenceSums();
  const apart = new Furthest(3);
  for (const [from, to] of [
    [3, 8],
    [0, 3],
  ] as const) {
    sums.add(a.subarray(from, to), b.subarray(from, to));
    apart.add(a.subarray(from, to), b.subarray(from, to), from);
  }
  expect(sums.result()).toEqual(differenceOf(a, b));
  expect(apart.pairs.map(({ place }) => place)).toEqual([5, 7, 3]);
});

describe('scatterOf', () => {
  test('every_finite_pair_falls_on_one_cell', () => {
    const found = scatterOf(floats(0, 1, 1, nan), floats(0, 0, 1, 2), 2);
    expect([found?.lo, found?.hi]).toEqual([0, 1]);
    // Row 0 has the greatest of b: (1, 1); row 1 has (0, 0) and (1, 0).
    expect([...(found?.counts ?? [])]).toEqual([0, 1, 1, 1]);
  });

  test('a_constant_and_the_largest_numbers_have_a_place', () => {
    const constant = scatterOf(floats(3, 3), floats(3, 3), 4);
    expect(constant?.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
    const large = Number.MAX_VALUE;
    const far = scatterOf(Float64Array.of(-large, large), Float64Array.of(-large, large), 2);
    expect([...(far?.counts ?? [])]).toEqual([0, 1, 1, 0]);
    expect(scatterOf(floats(nan), floats(1), 4)).toBeNull();
  });
});
