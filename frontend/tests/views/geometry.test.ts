import { describe, expect, test } from 'vitest';
import { parseNpy } from '../../src/api/npy';
import { editDistance, nearestKeys } from '../../src/views/nearestKeys';
import { sparklinePath } from '../../src/views/Sparkline';
import { sampleImage } from '../../src/views/sampleImage';
import { indexAt, labelledSteps, markPath, placeOf } from '../../src/views/stepMarks';
import { npyFile } from '../support/npyFile';

const floats = (shape: number[], ...values: number[]) =>
  parseNpy(npyFile('<f4', shape, Float32Array.from(values)));

describe('the step bar', () => {
  test('the_step_under_a_mark_is_that_of_the_mark', () => {
    for (const count of [1, 2, 7, 1000]) {
      for (let index = 0; index < count; index++) {
        expect(indexAt(placeOf(index, count, 900), count, 900)).toBe(index);
      }
    }
  });

  test('beyond_the_ends_are_the_first_and_the_last_step', () => {
    expect([indexAt(-50, 20, 600), indexAt(5000, 20, 600)]).toEqual([0, 19]);
  });

  test('steps_on_one_pixel_have_one_mark', () => {
    const steps = Array.from({ length: 10_000 }, (_, i) => i);
    const marks = markPath(steps, 500, 'all').split('M').length - 1;
    expect(marks).toBeGreaterThan(400);
    expect(marks).toBeLessThanOrEqual(500);
  });

  test('a_single_bad_step_among_many_still_has_its_mark', () => {
    const steps = Array.from({ length: 10_000 }, (_, i) => i * 3);
    expect(markPath(steps, 500, 'long', new Set([12_345])).match(/M/g)).toHaveLength(1);
  });

  test('labels_stand_apart_evenly_and_the_last_step_has_one', () => {
    const labels = labelledSteps(
      Array.from({ length: 31 }, (_, i) => i * 10),
      1000,
    );
    expect(labels.map(({ text }) => text)).toEqual(['0', '50', '100', '150', '200', '250', '300']);
    const many = labelledSteps(
      Array.from({ length: 9983 }, (_, i) => i),
      1000,
    );
    many.slice(1).forEach((label, i) => {
      expect(label.x - (many[i]?.x ?? 0)).toBeGreaterThan(40);
    });
    expect(many.at(-1)?.text).toBe('9982');
  });

  test('one_step_is_labelled_once', () => {
    expect(labelledSteps([7], 500).map(({ text }) => text)).toEqual(['7']);
    expect(labelledSteps([], 500)).toEqual([]);
  });
});

describe('sparklinePath', () => {
  const points = (path: string) =>
    [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(match => [Number(match[1]), Number(match[2])]);

  test('greater_values_are_higher', () => {
    const [low, high] = points(sparklinePath([1, 5], 50, 14));
    expect(low?.[1]).toBeGreaterThan(high?.[1] ?? 0);
  });

  test('a_value_that_is_missing_is_a_gap', () => {
    expect(sparklinePath([1, Number.NaN, 2], 50, 14).match(/M/g)).toHaveLength(2);
  });

  test('no_peak_of_many_values_is_lost', () => {
    const values = new Float64Array(10_000).fill(1);
    values[5003] = 100;
    const heights = points(sparklinePath(values, 54, 14)).map(([, y]) => y ?? 0);
    expect(Math.min(...heights)).toBe(1.5);
    expect(heights.length).toBeLessThanOrEqual(2 * 54);
  });

  test('nothing_finite_draws_nothing', () => {
    expect(sparklinePath([Number.NaN, Infinity])).toBe('');
    expect(sparklinePath([])).toBe('');
  });
});

describe('sampleImage', () => {
  test('one_channel_runs_from_black_to_white', () => {
    const image = sampleImage(floats([1, 1, 3], -1, 0, 1));
    expect([...(image?.rgba ?? [])]).toEqual([
      0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255,
    ]);
  });

  test('three_channels_are_red_green_and_blue', () => {
    const image = sampleImage(floats([3, 1, 1], 1, 0, 0.5));
    expect([...(image?.rgba ?? [])]).toEqual([255, 0, 128, 255]);
  });

  test('what_is_not_finite_does_not_look_like_a_value', () => {
    const image = sampleImage(floats([1, 3], 0, Number.NaN, 1));
    expect([...(image?.rgba.slice(4, 8) ?? [])]).toEqual([255, 0, 200, 255]);
  });

  test('other_shapes_are_no_picture', () => {
    expect(sampleImage(floats([2, 1, 1], 1, 2))).toBeNull();
    expect(sampleImage(floats([3], 1, 2, 3))).toBeNull();
  });
});

describe('nearestKeys', () => {
  test('the_distance_is_levenshteins', () => {
    // The textbook's pairs.
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('flaw', 'lawn')).toBe(2);
    expect(editDistance('', 'abc')).toBe(3);
  });

  test('the_key_that_was_meant_comes_first', () => {
    const keys = ['conv1.0/output', 'fc/param.weight', 'fc/param.bias'];
    expect(nearestKeys('fc/param.wieght', keys)[0]).toBe('fc/param.weight');
  });
});
