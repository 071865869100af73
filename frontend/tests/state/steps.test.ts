import { describe, expect, test } from 'vitest';
import { nearestIndex } from '../../src/state/steps';

describe('nearestIndex', () => {
  const steps = [0, 10, 20, 100];

  test.each([
    [10, 1],
    [14, 1],
    [15, 1],
    [16, 2],
    [61, 3],
    [-5, 0],
    [5000, 3],
  ])('of_step_%i_is_%i', (step, index) => {
    expect(nearestIndex(steps, step)).toBe(index);
  });

  test('there_is_none_in_an_empty_list', () => {
    expect(nearestIndex([], 3)).toBe(-1);
  });

  test('it_agrees_with_a_search_of_all_steps', () => {
    for (let wanted = -3; wanted < 110; wanted++) {
      const distances = steps.map(step => Math.abs(step - wanted));
      expect(nearestIndex(steps, wanted)).toBe(distances.indexOf(Math.min(...distances)));
    }
  });
});
