import { describe, expect, test } from 'vitest';
import { parseNpy } from '../../src/api/npy';
import type { Label } from '../../src/state/sampleCard';
import {
  apartness,
  isRight,
  matches,
  named,
  rightOneLike,
  type SampleRow,
  sampleOf,
  wayOf,
} from '../../src/state/samples';
import { recordedCnn } from '../support/fakeServer';
import { npyFile } from '../support/npyFile';

const label = (classIndex: number | null, score: number | null = null): Label => ({
  text: String(classIndex),
  classIndex,
  score,
});

const row = (index: number, target: number, answer: number, score: number): SampleRow => ({
  index,
  name: `item ${index}`,
  input: null,
  target: label(target),
  prediction: label(answer, score),
  isRight: target === answer,
});

test('one_sample_of_an_array_is_a_view_of_it', () => {
  const whole = parseNpy(npyFile('<f4', [2, 1, 2], Float32Array.of(1, 2, 3, 4)));
  const second = sampleOf(whole, 1);
  expect([second.shape, [...second.values]]).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(second.values.buffer).toBe(whole.values.buffer);
});

test('classes_have_the_names_that_the_user_gave_them', () => {
  expect(named(label(1), ['cat', 'dog'])?.text).toBe('dog');
  expect(named(label(1), [])?.text).toBe('1');
  expect(named(label(null), ['cat'])?.text).toBe('null');
  expect(named(null, ['cat'])).toBeNull();
});

test('where_there_is_no_class_nobody_knows_whether_it_is_right', () => {
  expect(isRight(label(2), label(2))).toBe(true);
  expect(isRight(label(2), label(3))).toBe(false);
  expect(isRight(label(null), label(3))).toBeNull();
  expect(isRight(null, label(3))).toBeNull();
});

describe('choosing', () => {
  const rows = [row(0, 8, 1, 0.66), row(1, 8, 8, 0.42), row(2, 8, 8, 0.97), row(3, 3, 5, 0.2)];

  test('wrong_ones_and_those_of_which_the_model_was_sure', () => {
    const of = (filter: 'all' | 'wrong' | 'sure') =>
      rows.filter(each => matches(each, filter)).map(({ index }) => index);
    expect(of('all')).toEqual([0, 1, 2, 3]);
    expect(of('wrong')).toEqual([0, 3]);
    expect(of('sure')).toEqual([0]);
  });

  test('a_wrong_one_is_held_to_the_surest_right_one_of_its_target', () => {
    expect(rightOneLike(rows, row(0, 8, 1, 0.66))?.index).toBe(2);
    // There is none of its target: any right one is better than nothing.
    expect(rightOneLike(rows, row(3, 3, 5, 0.2))?.index).toBe(2);
    expect(rightOneLike([row(0, 1, 2, 0.5)], row(0, 1, 2, 0.5))).toBeNull();
  });
});

test('the_way_is_that_of_the_layers_that_hold_no_others', () => {
  const keys = wayOf(recordedCnn().catalog).map(({ key }) => key);
  expect(keys).toEqual(['conv.0/output', 'conv.1/output']);
});

test('apartness_is_0_of_equals_and_1_of_what_has_nothing_in_common', () => {
  const a = Float32Array.of(1, -2, 3);
  const opposite = a.map(value => -value);
  expect(apartness(a, a)).toBe(0);
  expect(apartness(a, opposite)).toBeCloseTo(Math.SQRT2, 12);
  expect(apartness(Float32Array.of(3, 0), Float32Array.of(0, 4))).toBeCloseTo(1, 12);
  expect(apartness(Float32Array.of(0), Float32Array.of(0))).toBeNaN();
});
