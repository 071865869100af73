import { describe, expect, test } from 'vitest';

import type { TileId } from '../../src/gl/tiles';
import { type Tile, TileCache, type TileSource } from '../../src/picture/tileCache';
import { plainWording } from '../../src/scale/format';
import { matrixOf } from '../../src/scale/matrix';

const tile = (value: number): Tile => {
  const values = Float32Array.of(value);
  return { matrix: matrixOf(values, 1, 1), wording: plainWording(values) };
};

/** A source whose tiles come when the test says so. */
function slowSource() {
  const asked: {
    first: number;
    signal: AbortSignal;
    come: (tile: Tile) => void;
    fail: (e: Error) => void;
  }[] = [];
  const source: TileSource = {
    rows: 5120,
    cols: 512,
    finest: 0,
    overviewLevel: 1,
    overview: tile(0),
    load: (_level, { rowStart }, signal) =>
      new Promise((come, fail) => {
        asked.push({ first: rowStart, signal, come, fail });
      }),
  };
  return { source, asked };
}

const row = (index: number): TileId => ({ level: 0, row: index, col: 0 });
const settled = () => new Promise(resolve => setTimeout(resolve));

describe('TileCache', () => {
  test('a_tile_is_asked_for_once_and_told_when_it_came', async () => {
    const { source, asked } = slowSource();
    let changes = 0;
    const cache = new TileCache(source, () => changes++);
    cache.want([row(1)]);
    cache.want([row(1)]);
    expect(asked.map(({ first }) => first)).toEqual([512]);
    expect(cache.isLoading).toBe(true);
    asked[0]?.come(tile(3));
    await settled();
    expect(cache.get(row(1))?.matrix.values[0]).toBe(3);
    expect([changes, cache.isLoading]).toEqual([1, false]);
  });

  test('what_is_wanted_no_more_is_aborted_and_its_answer_dropped', async () => {
    const { source, asked } = slowSource();
    const cache = new TileCache(source, () => undefined);
    cache.want([row(0), row(1)]);
    cache.want([row(1)]);
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    asked[0]?.come(tile(1));
    await settled();
    expect(cache.get(row(0))).toBeUndefined();
    // When it is wanted again, it is asked for again.
    cache.want([row(0), row(1)]);
    expect(asked.map(({ first }) => first)).toEqual([0, 512, 0]);
  });

  test('a_failure_is_told_and_tried_again_only_when_asked_to', async () => {
    const { source, asked } = slowSource();
    const cache = new TileCache(source, () => undefined);
    cache.want([row(2)]);
    asked[0]?.fail(new Error('the server is gone'));
    await settled();
    expect(cache.error?.message).toBe('the server is gone');
    cache.want([row(2)]);
    expect(asked).toHaveLength(1);
    cache.retry();
    expect(cache.error).toBeNull();
    cache.want([row(2)]);
    expect(asked).toHaveLength(2);
  });

  test('the_number_of_kept_tiles_is_bounded_and_the_longest_unwanted_goes_first', async () => {
    const { source, asked } = slowSource();
    const cache = new TileCache(source, () => undefined);
    for (let i = 0; i < 60; i++) {
      cache.want([row(i)]);
      asked[i]?.come(tile(i));
      await settled();
    }
    cache.want([row(59)]);
    const kept = Array.from({ length: 60 }, (_, i) => cache.get(row(i)) !== undefined);
    expect(kept.filter(Boolean)).toHaveLength(48);
    expect(kept.indexOf(true)).toBe(12);
  });
});
