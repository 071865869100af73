import { describe, expect, test } from 'vitest';
import { mapFigures, similarity } from '../../src/scale/mapFigures';
import { matrixOf } from '../../src/scale/matrix';

const map = (...values: number[]) => matrixOf(Float64Array.from(values), 1, values.length);
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('mapFigures', () => {
  test('are_those_of_the_definitions', () => {
    const found = mapFigures(map(1, 3, 0, 0), [0, 3]);
    expect(found.rms).toBeCloseTo(Math.sqrt(10 / 4), 14);
    expect(found.variance).toBeCloseTo(1.5, 14);
    expect([found.zeros, found.nonFinite, found.isConstant]).toEqual([0.5, 0, false]);
    expect(found.atEnds).toBe(0.75);
  });

  test('of_large_numbers_the_variance_keeps_its_digits', () => {
    expect(mapFigures(map(1e8, 1e8 + 1), [0, 1e9]).variance).toBeCloseTo(0.25, 10);
  });

  test('what_is_not_finite_is_counted_and_in_no_mean', () => {
    const found = mapFigures(map(nan, inf, 2, 2), [2, 5]);
    expect([found.nonFinite, found.rms, found.isConstant]).toEqual([2, 2, false]);
    expect(mapFigures(map(nan, nan), [0, 1]).isConstant).toBe(false);
  });

  test('a_constant_map_is_one_number_and_minus_zero_is_zero', () => {
    expect(mapFigures(map(7, 7), [0, 9]).isConstant).toBe(true);
    expect(mapFigures(map(0, -0), [0, 9]).isConstant).toBe(true);
  });

  test('a_part_of_a_larger_array_is_looked_at_alone', () => {
    const matrix = { ...matrixOf(Float64Array.of(9, 1, 9, 2), 2, 1), offset: 1, rowStride: 2 };
    expect(mapFigures(matrix, [0, 9]).rms).toBeCloseTo(Math.sqrt(2.5), 14);
  });
});

test('similarity_is_the_cosine_of_the_angle', () => {
  expect(similarity(map(1, 2), map(2, 4))).toBeCloseTo(1, 14);
  expect(similarity(map(1, 0), map(0, 5))).toBe(0);
  expect(similarity(map(1, -2), map(-3, 6))).toBeCloseTo(-1, 14);
  expect(similarity(map(0, 0), map(1, 1))).toBeNaN();
});
