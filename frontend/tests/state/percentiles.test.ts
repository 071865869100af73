import { expect, test } from 'vitest';
import { PERCENTILES, percentilesOf } from '../../src/state/percentiles';

const EDGES = [-2, -1, 1, 2, 4];

test('a_single_element_is_all_percentiles', () => {
  const found = percentilesOf([0, 0, 0, 0, 1, 0], EDGES, { min: 3, max: 3, zero: 0 });
  expect(found).toEqual(PERCENTILES.map(() => 3));
});

test('elements_lie_evenly_in_their_bin_which_ends_where_the_elements_do', () => {
  // Four elements from 2 to 4, the greatest is 3: at 2.125, 2.375, 2.625 and 2.875.
  const found = percentilesOf([0, 0, 0, 0, 4, 0], EDGES, { min: 2, max: 3, zero: 0 }, [0, 50, 100]);
  expect(found).toEqual([2.125, 2.5, 2.875]);
});

test('zeros_are_zeros', () => {
  const found = percentilesOf([0, 0, 9, 0, 1, 0], EDGES, { min: -0.5, max: 3, zero: 7 }, [1, 50]);
  expect(found).toEqual([0, 0]);
});

test('open_bins_end_at_the_extremes', () => {
  const known = { min: -10, max: 20, zero: 0 };
  const found = percentilesOf([2, 0, 0, 0, 0, 2], EDGES, known, [0, 100]);
  expect(found).toEqual([-8, 16]);
});

test('where_nothing_is_finite_there_is_no_percentile', () => {
  const nothing = { min: Number.NaN, max: Number.NaN, zero: 0 };
  expect(percentilesOf([0, 0, 0, 0, 0, 0], EDGES, nothing, [50])).toEqual([Number.NaN]);
});
