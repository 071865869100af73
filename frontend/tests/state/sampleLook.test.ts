import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/api/npy';
import { parseNpy } from '../../src/api/npy';
import { lookOf, placesOf } from '../../src/state/sampleLook';
import type { Verdict } from '../../src/state/verdict';
import { answerWords, targetWords, verdictWords } from '../../src/state/verdictWords';
import { sampleImage } from '../../src/views/sampleImage';
import { npyFile } from '../support/npyFile';

function counted(shape: number[]): NdArray {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return parseNpy(
    npyFile(
      '<f4',
      shape,
      Float32Array.from({ length: count }, (_, i) => i),
    ),
  );
}

const whole = (shape: number[], ...values: number[]) =>
  parseNpy(npyFile('<i8', shape, BigInt64Array.from(values, BigInt)));

describe('a sample is shown as', () => {
  const kindOf = (array: NdArray) => lookOf(array)?.kind;

  test('what_its_shape_and_type_say_that_it_is', () => {
    expect(kindOf(counted([1, 28, 28]))).toBe('picture');
    expect(kindOf(counted([28, 28]))).toBe('picture');
    expect(kindOf(counted([32, 32, 3]))).toBe('picture');
    expect(kindOf(counted([3, 8, 16, 16]))).toBe('picture');
    expect(kindOf(counted([1, 16000]))).toBe('lines');
    expect(kindOf(counted([400]))).toBe('lines');
    expect(kindOf(counted([200, 6]))).toBe('lines');
    expect(kindOf(counted([4]))).toBe('numbers');
    expect(kindOf(whole([6], 101, 7, 8, 9, 102, 0))).toBe('tokens');
    expect(kindOf(counted([0, 3]))).toBeUndefined();
  });

  test('a_text_is_its_bytes_up_to_the_first_zero', () => {
    const bytes = new TextEncoder().encode('Grüße, «a»');
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes);
    const array = { ...parseNpy(npyFile('|u1', [padded.length], padded)), dtype: 'text' };
    expect(lookOf(array)).toEqual({ kind: 'text', text: 'Grüße, «a»' });
  });

  test('lines_are_those_of_its_channels', () => {
    const look = lookOf(counted([40, 2]));
    const lines = look?.kind === 'lines' ? look.lines : [];
    expect(lines.map(line => [...line.subarray(0, 3)])).toEqual([
      [0, 2, 4],
      [1, 3, 5],
    ]);
  });

  test('a_picture_with_channels_last_is_the_same_as_with_channels_first', () => {
    const last = lookOf(counted([2, 2, 3]));
    const first = parseNpy(
      npyFile('<f4', [3, 2, 2], Float32Array.of(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11)),
    );
    const pixels = last?.kind === 'picture' ? sampleImage(last.image)?.rgba : null;
    expect([...(pixels ?? [])]).toEqual([...(sampleImage(first)?.rgba ?? [])]);
  });

  test('a_volume_is_its_middle_slice', () => {
    const look = lookOf(counted([1, 5, 2, 2]));
    const image = look?.kind === 'picture' ? look.image : null;
    expect(image?.shape).toEqual([1, 2, 2]);
    expect(image && [...image.values.subarray(0, 4)]).toEqual([8, 9, 10, 11]);
  });
});

describe('classes of places', () => {
  test('are_the_greatest_scores_whichever_axis_the_classes_are', () => {
    const target = whole([2, 2], 0, 0, 0, 0);
    const first = parseNpy(
      npyFile('<f4', [3, 2, 2], Float32Array.of(9, 0, 0, 0, 0, 9, 0, 0, 0, 0, 9, 9)),
    );
    expect([...placesOf(first, target).values]).toEqual([0, 1, 2, 2]);
    const last = parseNpy(
      npyFile('<f4', [2, 2, 3], Float32Array.of(9, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 9)),
    );
    expect([...placesOf(last, target).values]).toEqual([0, 1, 2, 2]);
  });

  test('of_one_score_are_whether_it_is_likely', () => {
    const target = whole([1, 2, 2], 0, 1, 0, 1);
    const logits = parseNpy(npyFile('<f4', [1, 2, 2], Float32Array.of(-3, 0.2, 2, -0.1)));
    expect([...placesOf(logits, target).values]).toEqual([0, 1, 1, 0]);
    const shares = parseNpy(npyFile('<f4', [1, 2, 2], Float32Array.of(0.1, 0.2, 0.9, 0.5)));
    expect([...placesOf(shares, target).values]).toEqual([0, 0, 1, 1]);
  });
});

describe('in words', () => {
  const verdict: Verdict = {
    task: 'classes',
    target: [8],
    answer: [1],
    confidence: 0.624,
    ofTarget: 0.2,
    isRight: false,
    error: null,
  };
  const labels = ['cat', 'dog'];

  test('classes_have_their_names_and_answers_their_confidence', () => {
    expect(targetWords(verdict, null, labels)).toBe('8');
    expect(answerWords(verdict, null, labels)).toBe('dog (62\u00a0%)');
    expect(verdictWords(verdict)).toBe('wrong');
    expect(answerWords({ ...verdict, answer: null, confidence: null }, counted([3]), [])).toBe(
      '0, 1, 2',
    );
  });

  test('several_labels_are_listed_and_their_faults_counted', () => {
    const several = { ...verdict, task: 'labels', target: [0, 1], answer: [], error: 2 } as const;
    expect(targetWords(several, null, labels)).toBe('cat, dog');
    expect(answerWords(several, null, labels)).toBe('none (62\u00a0%)');
    expect(verdictWords(several)).toBe('2 labels wrong');
  });

  test('numbers_are_numbers_with_an_error_and_no_verdict', () => {
    const numbers = {
      ...verdict,
      task: 'numbers',
      target: null,
      answer: null,
      isRight: null,
    } as const;
    const value = parseNpy(npyFile('<f4', [], Float32Array.of(2.5)));
    expect(targetWords(numbers, value, labels)).toBe('2.5');
    expect(verdictWords({ ...numbers, error: 0.25 })).toBe('error 0.25');
    expect(verdictWords({ ...numbers, task: 'places', error: 0.032 })).toBe('3.2 % wrong');
    expect(verdictWords(numbers)).toBe('');
    // Pictures are looked at, not read.
    expect(targetWords(numbers, counted([3, 3]), labels)).toBeNull();
  });

  test('scores_with_a_nan_name_no_class', () => {
    const scores = parseNpy(npyFile('<f4', [2], Float32Array.of(0.5, Number.NaN)));
    expect(answerWords({ ...verdict, answer: null, confidence: null }, scores, labels)).toBe('NaN');
  });
});
