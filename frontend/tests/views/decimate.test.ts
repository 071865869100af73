import { expect, test } from 'vitest';
import { decimated, type Point, stretches } from '../../src/views/decimate';

/** Numbers that look random, and are the same each time. */
function noise(count: number): number[] {
  let state = 7;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  });
}

test('a_line_of_many_points_keeps_the_ends_and_extremes_of_every_pixel', () => {
  const heights = noise(10_000);
  const points = heights.map((y, i): Point => [(i * 300) / heights.length, y]);
  const kept = decimated(points);
  expect(kept.length).toBeLessThanOrEqual(4 * 300);
  for (let pixel = 0; pixel < 300; pixel++) {
    const isHere = ([x]: Point) => Math.floor(x) === pixel;
    const [all, some] = [points.filter(isHere), kept.filter(isHere)];
    const [ys, seen] = [all.map(([, y]) => y), some.map(([, y]) => y)];
    expect([Math.min(...seen), Math.max(...seen)]).toEqual([Math.min(...ys), Math.max(...ys)]);
    expect([some[0], some.at(-1)]).toEqual([all[0], all.at(-1)]);
  }
  const xs = kept.map(([x]) => x);
  expect(xs).toEqual([...xs].sort((a, b) => a - b));
});

test('few_points_are_kept_as_they_are', () => {
  const points: Point[] = [
    [0, 1],
    [5, -1],
    [9.5, 3],
  ];
  expect(decimated(points)).toEqual(points);
  expect(decimated([])).toEqual([]);
});

test('a_gap_parts_a_line_and_a_step_of_other_lines_does_not', () => {
  const found = stretches([0, 1, 2, 3, 4], [5, undefined, 6, null, 7], (x, y) => [x, y]);
  expect(found).toEqual([
    [
      [0, 5],
      [2, 6],
    ],
    [[4, 7]],
  ]);
});
