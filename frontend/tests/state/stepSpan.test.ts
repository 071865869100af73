import { expect, test } from 'vitest';
import { parseSpan, shareOfSteps, spanOver, spanText } from '../../src/state/stepSpan';

test('a_span_that_leaves_no_step_out_is_all_of_them', () => {
  expect(spanOver([-500, 1500], [0, 10, 20])).toBe(null);
  expect(spanOver([0, 20], [0, 10, 20])).toBe(null);
  expect(spanOver([0.5, 20.5], [0, 10, 20])).toEqual([1, 20]);
  expect(spanOver([3.2, 3.8], [0, 10, 20])).toBe(null);
});

test('a_span_comes_back_from_a_link_and_nonsense_is_all_steps', () => {
  expect(parseSpan(spanText([5, 25]))).toEqual([5, 25]);
  for (const text of ['', '5', '9:3', 'a:b', ':'])
    expect([text, parseSpan(text)]).toEqual([text, null]);
});

test('it_is_said_how_many_steps_are_drawn_only_where_some_are_left_out', () => {
  expect(shareOfSteps(512, 10_000)).toBe('512 of 10,000 steps');
  expect(shareOfSteps(30, 30)).toBe('');
});
