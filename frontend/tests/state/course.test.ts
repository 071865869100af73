import { expect, test } from 'vitest';
import { parseNpy } from '../../src/api/npy';
import { courseOf } from '../../src/state/course';
import { elementIndex } from '../../src/state/element';
import { npyFile } from '../support/npyFile';

test('an_index_of_one_element_is_numpys_without_spaces', () => {
  expect(elementIndex('0, 6, 3, 4')).toBe('0,6,3,4');
  expect(elementIndex('7')).toBe('7');
  // A block of elements, and no index at all.
  expect(elementIndex('0, 8:16')).toBeNull();
  expect(elementIndex('')).toBeNull();
});

test('a_step_that_only_one_of_the_answers_knows_is_left_out', () => {
  const series = parseNpy(npyFile('<f4', [2, 1], Float32Array.of(1.5, Number.NaN)));
  const course = courseOf({ steps: [0, 10, 20], available: 3 }, series);
  expect(course.steps).toEqual([0, 10]);
  expect([...course.values]).toEqual([1.5, Number.NaN]);
});
