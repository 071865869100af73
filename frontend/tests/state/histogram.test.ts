import { describe, expect, test } from 'vitest';
import { parseNpy } from '../../src/api/npy';
import {
  binEnds,
  binLabel,
  centreBin,
  countsAt,
  countsOverSteps,
  countWithin,
  densityOf,
  histogramsOf,
  symlogBins,
} from '../../src/state/histogram';
import { npyFile } from '../support/npyFile';

// Seven bins: below -2, [-2, -1), [-1, -0.5), around zero, [0.5, 1), [1, 2), from 2 on.
const EDGES = [-2, -1, -0.5, 0.5, 1, 2];

const histograms = (rows: number[][], steps: number[]) => {
  const counts = BigUint64Array.from(rows.flat(), BigInt);
  const array = parseNpy(npyFile('<u8', [rows.length, EDGES.length + 1], counts));
  return histogramsOf({ steps, available: steps.length, edges: EDGES }, array);
};

describe('histograms', () => {
  test('counts_are_those_of_their_step', () => {
    const both = histograms(
      [
        [1, 2, 3, 4, 5, 6, 7],
        [0, 0, 0, 9, 0, 0, 0],
      ],
      [0, 10],
    );
    expect(countsAt(both, 1)).toEqual([0, 0, 0, 9, 0, 0, 0]);
    expect(countsOverSteps(both)).toEqual([1, 2, 3, 13, 5, 6, 7]);
  });

  test('a_step_that_only_one_of_the_answers_has_is_left_out', () => {
    expect(histograms([[1, 1, 1, 1, 1, 1, 1]], [0, 10]).steps).toEqual([0]);
  });

  test('open_bins_end_where_the_data_ends', () => {
    expect(binEnds(EDGES, [0, 1], -3, 5)).toEqual([-3, -2]);
    expect(binEnds(EDGES, [6, 7], -3, 5)).toEqual([2, 5]);
    expect(binEnds(EDGES, [4, 5], -3, 0.75)).toEqual([0.5, 0.75]);
    expect(binEnds(EDGES, [2, 5], -3, 5)).toEqual([-1, 1]);
  });

  test('the_bin_around_zero_is_labelled_0', () => {
    expect(centreBin(EDGES)).toBe(3);
    expect(binLabel(EDGES, [3, 4], -3, 5)).toBe(0);
    expect(binLabel(EDGES, [4, 5], -3, 5)).toBe(0.5);
    expect(binLabel(EDGES, [0, 1], -Infinity, Infinity)).toBe(-2);
  });

  test('the_density_of_evenly_spread_values_is_even_and_has_an_area_of_one', () => {
    // 3000 values spread evenly over [-2, 1): every bin has 1000 a unit.
    const density = densityOf([0, 1000, 500, 1000, 500, 0, 0], EDGES, [-2, 1], 0, 12);
    for (const value of density) expect(value).toBeCloseTo(1 / 3, 10);
    expect(density.reduce((sum, value) => sum + value * 0.25, 0)).toBeCloseTo(1, 10);
  });

  test('exact_zeros_are_left_out_of_the_density', () => {
    const density = densityOf([0, 0, 0, 700, 300, 0, 0], EDGES, [0, 1], 700, 4);
    expect([...density]).toEqual([0, 0, 0.6, 0.6]);
  });

  test('values_that_are_all_the_same_have_no_density', () => {
    expect([...densityOf([0, 0, 0, 0, 9, 0, 0], EDGES, [0.7, 0.7], 0, 3)]).toEqual([0, 0, 0]);
  });

  test('a_symlog_axis_begins_and_ends_with_an_occupied_bin', () => {
    expect(symlogBins([0, 10, 10, 10, 10, 0, 0], EDGES)).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
    ]);
    expect(symlogBins([0, 0, 0, 0, 0, 0, 0], EDGES)).toEqual([]);
  });

  test('bins_near_zero_that_hold_hardly_anything_are_merged', () => {
    expect(symlogBins([0, 500, 1, 3, 1, 500, 0], EDGES)).toEqual([
      [1, 2],
      [2, 5],
      [5, 6],
    ]);
  });

  test('bins_on_one_side_of_zero_are_never_lost', () => {
    for (const counts of [
      [0, 0, 0, 0, 0, 4, 4],
      [4, 4, 0, 0, 0, 0, 0],
      [0, 0, 0, 7, 0, 0, 0],
      [9, 0, 0, 0, 0, 0, 1],
    ]) {
      const shown = symlogBins(counts, EDGES).map(bins => countWithin(counts, bins));
      const total = counts.reduce((sum, count) => sum + count, 0);
      expect(shown.reduce((sum, count) => sum + count, 0)).toBe(total);
    }
  });
});
