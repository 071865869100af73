import { describe, expect, test } from 'vitest';
import { parseNpy } from '../../src/api/npy';
import { labelOf } from '../../src/state/sampleCard';
import { npyFile } from '../support/npyFile';

const floats = (...values: number[]) =>
  parseNpy(npyFile('<f4', [values.length], Float32Array.from(values)));

describe('labelOf', () => {
  test('of_scores_it_is_the_class_of_the_greatest', () => {
    expect(labelOf(floats(0.125, 0.75, 0.125))).toEqual({
      text: '1',
      classIndex: 1,
      score: 0.75,
    });
  });

  test('an_integer_is_a_class', () => {
    const target = parseNpy(npyFile('<i8', [], BigInt64Array.from([7n])));
    expect(labelOf(target)).toEqual({ text: '7', classIndex: 7, score: null });
  });

  test('a_float_is_a_value_and_no_class', () => {
    const value = parseNpy(npyFile('<f4', [], Float32Array.from([2.5])));
    expect(labelOf(value)).toEqual({ text: '2.5', classIndex: null, score: null });
  });

  test('scores_with_a_nan_name_no_class', () => {
    expect(labelOf(floats(0.5, Number.NaN, 0.25))).toEqual({
      text: 'NaN',
      classIndex: null,
      score: null,
    });
  });

  test('a_picture_is_no_label', () => {
    expect(labelOf(parseNpy(npyFile('<f4', [2, 2], new Float32Array(4))))).toBeNull();
  });
});
