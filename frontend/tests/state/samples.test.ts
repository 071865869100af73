import { describe, expect, test } from 'vitest';
import { parseNpy } from '../../src/api/npy';
import type { StepVerdicts } from '../../src/contract/messages';
import { apartness, inputDistance, nearestRight } from '../../src/state/nearest';
import { askedFor, roleTensor, sampleOf } from '../../src/state/sampleArrays';
import {
  listText,
  matches,
  ordered,
  parseList,
  type SampleFilter,
} from '../../src/state/sampleList';
import type { SampleRow } from '../../src/state/sampleRow';
import { areFollowed, probeOf, trainingOf, wayOf } from '../../src/state/samples';
import { stripOf } from '../../src/state/strip';
import { differ, type Verdict } from '../../src/state/verdict';
import { recordedCnn, tensor } from '../support/fakeServer';
import { npyFile } from '../support/npyFile';

const floats = (...values: number[]) =>
  parseNpy(npyFile('<f4', [values.length], Float32Array.from(values)));
const whole = (...values: number[]) =>
  parseNpy(npyFile('<i4', [values.length], Int32Array.from(values)));

const verdictOf = (target: number, answer: number, confidence: number): Verdict => ({
  task: 'classes',
  target: [target],
  answer: [answer],
  confidence,
  ofTarget: null,
  isRight: target === answer,
  error: null,
});

const row = (
  index: number,
  target: number,
  answer: number,
  confidence: number,
  input: SampleRow['input'] = null,
): SampleRow => ({
  index,
  name: `item ${index}`,
  input,
  target: null,
  prediction: null,
  verdict: verdictOf(target, answer, confidence),
});

const at = (step: number, ...answers: number[]): StepVerdicts => ({
  step,
  task: 'classes',
  target: answers.map(() => [1]),
  answer: answers.map(answer => [answer]),
  confidence: answers.map(() => 0.5),
  of_target: answers.map(() => null),
  right: answers.map(answer => answer === 1),
  error: answers.map(() => null),
});

test('one_sample_of_an_array_is_a_view_of_it', () => {
  const all = parseNpy(npyFile('<f4', [2, 1, 2], Float32Array.of(1, 2, 3, 4)));
  const second = sampleOf(all, 1);
  expect([second.shape, [...second.values]]).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(second.values.buffer).toBe(all.values.buffer);
});

describe('what is asked for', () => {
  const axes = ['Sample', 'Channel', 'Row', 'Column'];
  test('elements_where_they_are_few_and_blocks_where_they_are_many', () => {
    const few = [tensor('/sample.inputs', [4, 3, 224, 224], axes, { levels: 2 })];
    expect(askedFor(few, 'inputs', false)).toEqual({ key: '/sample.inputs', level: 0 });
    const many = [tensor('/sample.inputs', [256, 3, 224, 224], axes, { levels: 2 })];
    expect(askedFor(many, 'inputs', false)).toEqual({ key: '/sample.inputs', level: 1 });
    expect(askedFor(many, 'inputs', true)).toEqual({ key: '/sample.inputs', level: 0 });
  });

  test('answers_are_exact_or_not_asked_for', () => {
    const many = [tensor('/sample.predictions', [64, 21, 512, 512], axes, { levels: 3 })];
    expect(askedFor(many, 'predictions', false)).toBeNull();
  });

  test('of_several_tensors_the_first_and_else_what_the_model_was_given', () => {
    const named = [tensor('/sample.inputs.ids', [2, 9], ['Sample', 'Feature'])];
    expect(roleTensor(named, 'inputs')?.key).toBe('/sample.inputs.ids');
    const text = [...named, tensor('/sample.inputs.text.utf8', [2, 30], ['Sample', 'Byte'])];
    expect(roleTensor(text, 'inputs')?.key).toBe('/sample.inputs.text.utf8');
    const own = [tensor('/input.0', [2, 9], ['Sample', 'Feature'])];
    expect(roleTensor(own, 'inputs')?.key).toBe('/input.0');
    expect(roleTensor(own, 'targets')).toBeNull();
  });
});

describe('choosing', () => {
  const rows = [row(0, 8, 1, 0.66), row(1, 8, 8, 0.42), row(2, 8, 8, 0.97), row(3, 3, 5, 0.2)];

  test('wrong_ones_those_of_which_the_model_was_sure_and_those_that_changed', () => {
    const before = at(0, 8, 8, 1, 5);
    const of = (filter: SampleFilter, sure = 0.5) =>
      rows.filter(each => matches(each, filter, sure, before)).map(({ index }) => index);
    expect(of('all')).toEqual([0, 1, 2, 3]);
    expect(of('wrong')).toEqual([0, 3]);
    expect(of('sure')).toEqual([0]);
    expect(of('sure', 0.7)).toEqual([]);
    expect(of('changed')).toEqual([0, 2]);
  });

  test('an_answer_that_is_not_known_has_not_changed', () => {
    expect(differ([1], [2])).toBe(true);
    expect(differ([0, 2], [0, 2])).toBe(false);
    expect(differ(null, [2])).toBe(false);
  });

  test('the_worst_are_wrong_and_sure_of_it_or_have_the_greatest_error', () => {
    expect(ordered(rows, 'worst').map(({ index }) => index)).toEqual([0, 3, 1, 2]);
    const errors = [0.1, 0.7, 0.3].map((error, index): SampleRow => {
      const plain = row(index, 0, 0, 0);
      return { ...plain, verdict: { ...plain.verdict, isRight: null, error } };
    });
    expect(ordered(errors, 'worst').map(({ index }) => index)).toEqual([1, 2, 0]);
  });

  test('the_list_is_in_the_link', () => {
    const list = { filter: 'sure', order: 'worst', sure: 0.9, since: 36 } as const;
    expect(parseList(listText(list))).toEqual(list);
    expect(parseList(listText({ ...list, since: -36 }))).toEqual({ ...list, since: -36 });
    expect(parseList('sure~worst~0.8~36')).toBeUndefined();
    expect(parseList('')).toBeUndefined();
  });
});

describe('the counterpart of a wrong sample', () => {
  test('is_the_right_one_of_its_target_whose_input_is_nearest', () => {
    const wrong = row(0, 8, 1, 0.66, floats(1, 0));
    const rows = [
      wrong,
      row(1, 8, 8, 0.99, floats(0, 1)),
      row(2, 8, 8, 0.5, floats(1, 0.5)),
      row(3, 3, 3, 0.9, floats(1, 0)),
    ];
    const found = nearestRight(rows, wrong);
    expect(found?.row.index).toBe(2);
    // sqrt(0.25 / (1 + 1.25))
    expect(found?.distance).toBeCloseTo(1 / 3, 12);
    expect(found?.sameTarget).toBe(true);
  });

  test('is_any_right_one_where_none_has_its_target_and_nothing_where_none_is_right', () => {
    const wrong = row(0, 7, 1, 0.66, floats(1, 0));
    const found = nearestRight([wrong, row(1, 8, 8, 0.5, floats(1, 0.5))], wrong);
    expect([found?.row.index, found?.sameTarget]).toEqual([1, false]);
    expect(nearestRight([wrong], wrong)).toBeNull();
  });

  test('is_the_surest_where_there_are_no_inputs', () => {
    const wrong = row(0, 8, 1, 0.66);
    const found = nearestRight([wrong, row(1, 8, 8, 0.42), row(2, 8, 8, 0.97)], wrong);
    expect(found?.row.index).toBe(2);
    expect(found?.distance).toBeNaN();
  });

  test('tokens_are_as_far_apart_as_positions_differ', () => {
    expect(inputDistance(whole(1, 2, 3, 900), whole(1, 2, 4, 3))).toBe(0.5);
    expect(inputDistance(whole(1, 2), whole(1, 2, 3))).toBeNaN();
  });

  test('apartness_is_0_of_equals_and_1_of_what_has_nothing_in_common', () => {
    const a = Float32Array.of(1, -2, 3);
    const opposite = a.map(value => -value);
    expect(apartness(a, a)).toBe(0);
    expect(apartness(a, opposite)).toBeCloseTo(Math.SQRT2, 12);
    expect(apartness(Float32Array.of(3, 0), Float32Array.of(0, 4))).toBeCloseTo(1, 12);
    expect(apartness(Float32Array.of(0), Float32Array.of(0))).toBeNaN();
  });
});

describe('how a sample fared', () => {
  test('right_is_low_wrong_is_high_and_it_is_said_in_words', () => {
    const strip = stripOf([at(0, 4), at(10, 1), at(20, 2), at(30, 1), at(40, 1)], 0);
    expect(strip.bars.map(bar => bar?.isWrong)).toEqual([true, false, true, false, false]);
    expect(strip.words).toBe('right at 3 of 5 steps, right since step 30');
    expect(stripOf([at(0, 1)], 0).words).toBe('right at 1 of 1 step, right');
  });

  test('an_error_is_as_high_as_it_is_large', () => {
    const errors = [4, 2, null, 1].map(
      (error, step): StepVerdicts => ({ ...at(step, 1), right: [null], error: [error] }),
    );
    const strip = stripOf(errors, 0);
    expect(strip.bars.map(bar => bar?.height)).toEqual([1, 0.5, undefined, 0.25]);
    expect(strip.words).toBe('error from 4 to 1, at most 4');
  });
});

test('a_probe_is_a_run_below_that_of_its_training', () => {
  const runs = ['.', 'probe', 'exp1', 'exp1/probe', 'lr\\exp2', 'lr\\exp2\\probe', 'exp3'];
  const probes = ['exp1', '.', 'exp1/probe', 'lr\\exp2', 'exp3'].map(run => probeOf(run, runs));
  expect(probes).toEqual(['exp1/probe', 'probe', 'exp1/probe', 'lr\\exp2\\probe', null]);
  const trainings = ['exp1/probe', 'probe', 'exp1', 'lr\\exp2\\probe', 'exp3probe'].map(trainingOf);
  expect(trainings).toEqual(['exp1', '.', 'exp1', 'lr\\exp2', 'exp3probe']);
  const { catalog } = recordedCnn();
  expect(areFollowed('exp1', catalog)).toBe(false);
  expect(areFollowed('exp1/probe', catalog)).toBe(true);
  expect(areFollowed('exp1', { ...catalog, sample_ids: ['a', 'b'] })).toBe(true);
});

test('the_way_is_that_of_the_layers_that_hold_no_others', () => {
  const keys = wayOf(recordedCnn().catalog).map(({ key }) => key);
  expect(keys).toEqual(['conv.0/output', 'conv.1/output']);
});
