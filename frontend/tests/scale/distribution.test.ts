import { describe, expect, test } from 'vitest';
import { distributionOf } from '../../src/scale/distribution';
import { matrixOf } from '../../src/scale/matrix';

const matrix = (...values: number[]) => matrixOf(Float64Array.from(values), 1, values.length);

describe('distributionOf', () => {
  test('elements_are_counted_in_equal_parts_of_their_range', () => {
    const found = distributionOf([matrix(0, 1, 2, 3), matrix(4, 4, Number.NaN)], 'linear', 4);
    expect([found?.lo, found?.hi]).toEqual([0, 4]);
    expect([...(found?.counts ?? [])]).toEqual([1, 1, 1, 3]);
  });

  test('of_a_logarithm_only_what_is_positive_is_counted', () => {
    const found = distributionOf([matrix(-5, 0, 1, 10, 100)], 'log', 2);
    expect([found?.lo, found?.hi]).toEqual([1, 100]);
    expect([...(found?.counts ?? [])]).toEqual([1, 2]);
  });

  test('where_there_is_but_one_value_there_is_nothing_to_choose', () => {
    expect(distributionOf([matrix(3, 3)], 'linear', 4)).toBeNull();
    expect(distributionOf([matrix(Number.NaN)], 'linear', 4)).toBeNull();
    expect(distributionOf([], 'linear', 4)).toBeNull();
  });

  test('of_very_many_elements_an_even_part_is_looked_at', () => {
    const values = Float32Array.from({ length: 3_000_000 }, (_, i) => i % 4);
    const found = distributionOf([matrixOf(values, 1500, 2000)], 'linear', 4);
    const counts = [...(found?.counts ?? [])];
    const total = counts.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThan(200_000);
    expect(total).toBeLessThanOrEqual(250_000);
    for (const count of counts) expect(Math.abs(count - total / 4)).toBeLessThan(1);
  });
});
