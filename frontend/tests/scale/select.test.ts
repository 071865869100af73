import { expect, test } from 'vitest';

import { selectInPlace } from '../../src/scale/select';

function pseudoRandom(length: number, distinct: number): Float64Array {
  let state = 42;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % distinct;
  });
}

test.each([
  [1, 1],
  [7, 3],
  [1000, 1_000_000],
  [5000, 4],
  [20_000, 2 ** 31],
])('the k-th smallest of %i is what sorting puts there', (length, distinct) => {
  const items = pseudoRandom(length, distinct);
  const sorted = items.slice().sort();
  for (const share of [0, 0.01, 0.5, 0.99]) {
    const k = Math.floor(share * length);
    expect(selectInPlace(items.slice(), k)).toBe(sorted[k]);
  }
  expect(selectInPlace(items.slice(), length - 1)).toBe(sorted[length - 1]);
});

test('a place that is not there is refused', () => {
  expect(() => selectInPlace(Float32Array.of(1, 2), 2)).toThrow(/below 2, received 2/);
  expect(() => selectInPlace(Float32Array.of(), 0)).toThrow(RangeError);
});
