import { describe, expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import { parseNpy } from '../../src/api/npy';
import type { Plane } from '../../src/state/levels';
import { loadPicture, withFlags } from '../../src/state/pictureData';
import { planOf } from '../../src/state/plan';
import { wordingOf } from '../../src/state/wording';
import { tensor } from '../support/fakeServer';
import { npyFile } from '../support/npyFile';

const float32 = (...elements: number[]) =>
  parseNpy(npyFile('<f4', [elements.length], Float32Array.from(elements)));
const bits = (...elements: number[]) =>
  parseNpy(npyFile('|u1', [elements.length], Uint8Array.from(elements)));

describe('withFlags', () => {
  test('of_what_is_not_finite_in_a_block_nan_wins_and_then_inf', () => {
    // Bits: 1 has a NaN, 2 has +Inf, 4 has -Inf.
    const all = Array.from({ length: 8 }, (_, flags) => flags);
    const drawn = withFlags(float32(...all.map(() => 0.5)), bits(...all));
    expect([...drawn.values]).toEqual([
      0.5,
      Number.NaN,
      Infinity,
      Number.NaN,
      -Infinity,
      Number.NaN,
      Infinity,
      Number.NaN,
    ]);
  });

  test('blocks_that_are_finite_are_drawn_from_where_they_lie', () => {
    const plane = float32(1, 2);
    expect(withFlags(plane, bits(0, 0)).values).toBe(plane.values);
  });
});

/** A server of one row of three blocks, the last with a NaN and +Inf among finite elements. */
function serverOfLevels(): { client: Client; asked: string[] } {
  const planes: Record<string, number[]> = {
    mean: [0.25, -1, 2],
    min: [-3, -2, 1],
    max: [0.5, -0.5, 4],
  };
  const asked: string[] = [];
  const request: typeof fetch = async input => {
    const query = new URL(String(input)).searchParams;
    const plane = query.get('plane') ?? '';
    asked.push(`${query.get('level')} ${plane} ${query.get('slice')}`);
    const values = planes[plane];
    return new Response(
      values
        ? npyFile('<f4', [1, 3], Float32Array.from(values))
        : npyFile('|u1', [1, 3], Uint8Array.from([0, 0, 3])),
    );
  };
  return { client: new Client('http://tensorboard.test/', request), asked };
}

async function load(plane: Plane) {
  const server = serverOfLevels();
  const more = { stored: 'pyramid', levels: 1 } as const;
  const named = tensor('f/param.weight', [8, 24], ['Out', 'In'], more);
  const plan = planOf(named, { sample: 0, lead: {}, page: 0, level: null, plane });
  const request = { run: 'r', generation: 'g', step: 0, tensor: named, plan };
  const array = await loadPicture(server.client, request, new AbortController().signal);
  return { array, asked: server.asked };
}

describe('loadPicture', () => {
  test('a_level_comes_with_the_flags_of_its_blocks', async () => {
    const { array, asked } = await load('mean');
    expect(asked).toEqual(['1 flags :,:', '1 mean :,:']);
    expect(array.shape).toEqual([1, 3]);
    expect([...array.values]).toEqual([0.25, -1, Number.NaN]);
  });

  test('the_extreme_is_the_larger_of_both_in_magnitude_with_its_sign', async () => {
    const { array, asked } = await load('max_abs');
    expect(asked.sort()).toEqual(['1 flags :,:', '1 max :,:', '1 min :,:']);
    expect([...array.values]).toEqual([-3, -2, Number.NaN]);
    expect([...(array.blocks?.finite ?? [])]).toEqual([-3, -2, 4]);
  });

  test('the_range_is_the_greatest_less_the_least', async () => {
    const { array } = await load('range');
    expect([...(array.blocks?.finite ?? [])]).toEqual([3.5, 1.5, 3]);
  });

  test('a_block_is_told_by_what_it_shows_and_by_what_it_hides', async () => {
    const mean = wordingOf((await load('mean')).array, 'mean');
    expect(mean.told(0)).toBe('mean 0.25');
    expect(mean.written(0)).toBe('0.25');
    expect(mean.told(2)).toBe('has NaN, +Inf; mean of the finite ones 2');
    const extremes = wordingOf((await load('max')).array, 'max');
    expect(extremes.told(1)).toBe('max -0.5');
  });
});

describe('wordingOf', () => {
  test('a_block_of_nothing_finite_has_only_what_its_flags_say', () => {
    const array = withFlags(float32(Number.NaN), bits(5));
    expect(wordingOf(array, 'mean').told(0)).toBe('only NaN, -Inf');
  });

  test.each([
    [[0.5, -2], '0.5-2j'],
    [[-1.5, 0], '-1.5+0j'],
    [[0, -0], '0-0j'],
    [[Number.NaN, Infinity], 'NaN+Infj'],
    [[1, -Infinity], '1-Infj'],
    [[0, Number.NaN], '0+NaNj'],
  ])('the_parts_%j_are_written_%s', (parts, text) => {
    const array = parseNpy(npyFile('<c16', [1], Float64Array.from(parts)));
    expect(wordingOf(array, 'mean').told(0)).toBe(text);
    expect(wordingOf(array, 'mean').written(0)).toBe(text);
  });

  test('complex64_has_the_digits_of_float32', () => {
    const array = parseNpy(npyFile('<c8', [1], Float32Array.from([0.1, 0.2])));
    expect(wordingOf(array, 'mean').told(0)).toBe('0.1+0.2j');
  });
});
