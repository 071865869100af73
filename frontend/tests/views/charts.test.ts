import { expect, test } from 'vitest';
import { placeOfStep } from '../../src/views/ChartLegend';
import { lineLooks } from '../../src/views/chartLooks';
import {
  evenRows,
  placeOfStep as placeAmong,
  zoomedIn,
  zoomedOut,
} from '../../src/views/historyPicture';
import { lonePlaces } from '../../src/views/plot';

const line = (run: string, key: string, measure = 'rms' as const) => ({ run, key, measure });

test('tensors_have_colours_and_runs_strokes', () => {
  const looks = lineLooks([line('a', 'x'), line('a', 'y'), line('b', 'x')], false);
  expect(looks.map(({ color }) => color)).toEqual([
    '--lv-series-1',
    '--lv-series-2',
    '--lv-series-1',
  ]);
  expect(looks[0]?.dash).toEqual([]);
  expect(looks[2]?.dash).not.toEqual([]);
});

test('runs_of_one_tensor_have_colours', () => {
  const looks = lineLooks([line('a', 'x'), line('b', 'x')], false);
  expect(new Set(looks.map(({ color }) => color)).size).toBe(2);
});

test('no_two_of_thirty_two_lines_look_the_same', () => {
  const lines = Array.from({ length: 32 }, (_, i) => line('a', `t${i}`));
  expect(new Set(lineLooks(lines, false).map(look => JSON.stringify(look))).size).toBe(32);
});

test('points_without_a_neighbour_are_marked_and_steps_of_other_runs_are_no_gap', () => {
  expect(lonePlaces([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(lonePlaces([1, undefined, 2, undefined, null, 4])).toEqual([5]);
});

test('a_step_is_found_in_its_block_and_nowhere_else', () => {
  const blocks = [
    [0, 4],
    [10, 14],
  ] as const;
  expect([0, 3, 4, 7, 10, 14, 15].map(step => placeOfStep({ blocks }, step))).toEqual([
    0, 0, 0, -1, 1, 1, -1,
  ]);
});

test('curves_are_of_steps_evenly_chosen_with_both_ends', () => {
  expect(evenRows(1, 32)).toEqual([0]);
  expect(evenRows(3, 32)).toEqual([0, 1, 2]);
  const many = evenRows(1000, 32);
  expect([many.length, many[0], many.at(-1)]).toEqual([32, 0, 999]);
});

test('a_step_that_is_not_looked_at_is_none_of_the_curves', () => {
  const counts = { values: new BigInt64Array(0), shape: [4, 1], strides: [1, 1], dtype: '<i8' };
  const histograms = { steps: [10, 20, 30, 40], available: 4, edges: [], counts };
  const places = [5, 10, 25, 40, 41].map(step => placeAmong(histograms, [0, 2, 3], step));
  expect(places).toEqual([-1, 0, 0, 2, -1]);
});

test('a_zoom_shows_half_of_the_steps_around_the_pointed_one_or_twice_as_many', () => {
  const steps = Array.from({ length: 101 }, (_, i) => 10 * i);
  expect(zoomedIn(steps, 50)).toEqual([250, 750]);
  expect(zoomedIn(steps, 0)).toEqual([0, 500]);
  expect(zoomedIn(steps, 100)).toEqual([500, 1000]);
  expect(zoomedIn([1, 2], 0)).toBe(null);
  expect(zoomedOut(steps)).toEqual([-500, 1500]);
  expect(zoomedOut([7])).toEqual([6, 8]);
});
