import { expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import type { PictureRequest } from '../../src/state/pictureData';
import { planOf } from '../../src/state/plan';
import { compareWhole, isQuick, type WholeRequest } from '../../src/state/wholeDifference';
import { tensor } from '../support/fakeServer';
import { npyFile } from '../support/npyFile';

const ROWS = 3000;
const COLS = 1024;
const shown = tensor('fc/param.weight', [ROWS, COLS], ['Row', 'Column'], { levels: 2 });

/** Element (r, c) is r at step 0; at step 1 one element is 5 more, and one is NaN. */
function elementAt(step: number, row: number, col: number): number {
  if (step === 1 && row === 2500 && col === 7) return row + 5;
  if (step === 1 && row === 10 && col === 0) return Number.NaN;
  return row;
}

function serverOfBands() {
  const asked: string[] = [];
  const fetchBand: typeof fetch = async (input, options) => {
    options?.signal?.throwIfAborted();
    const query = new URL(String(input)).searchParams;
    asked.push(String(query.get('slice')));
    const [rows = '', cols = ''] = String(query.get('slice')).split(',');
    const [from = 0, to = 0] = rows.split(':').map(Number);
    expect([cols, query.get('level')]).toEqual([`0:${COLS}`, null]);
    const step = Number(query.get('step'));
    const values = Float32Array.from({ length: (to - from) * COLS }, (_, i) =>
      elementAt(step, from + Math.floor(i / COLS), i % COLS),
    );
    return new Response(npyFile('<f4', [to - from, COLS], values));
  };
  return { client: new Client('http://tensorboard.test/', fetchBand), asked };
}

function wanted(): WholeRequest {
  const side = (step: number): PictureRequest => ({
    run: 'exp1',
    generation: 'g',
    step,
    tensor: shown,
    plan: planOf(shown, { sample: 0, lead: {}, page: 0, level: null, plane: 'mean', tiles: true }),
  });
  return { a: side(1), b: side(0), rows: ROWS, cols: COLS, ends: [0, ROWS + 4] };
}

test('all_elements_are_compared_band_by_band', async () => {
  const { client, asked } = serverOfBands();
  const shares: number[] = [];
  const { summary, furthest, scatter } = await compareWhole(
    client,
    wanted(),
    share => shares.push(share),
    new AbortController().signal,
  );
  // A million elements a band: 1024 rows, of both sides.
  expect([...new Set(asked)]).toEqual(['0:1024,0:1024', '1024:2048,0:1024', '2048:3000,0:1024']);
  expect(asked).toHaveLength(6);
  expect(shares).toEqual([0, 1024 / ROWS, 2048 / ROWS, 1]);
  expect([summary.count, summary.unequal, summary.unlike]).toEqual([ROWS * COLS, 2, 1]);
  expect(summary.maxAbs).toBe(5);
  expect(furthest.map(({ place }) => place)).toEqual([10 * COLS, 2500 * COLS + 7]);
  expect(scatter?.counts.reduce((sum, count) => sum + count, 0)).toBe(ROWS * COLS - 1);
});

test('it_ends_when_it_is_told_to', async () => {
  const { client, asked } = serverOfBands();
  const aborter = new AbortController();
  const work = compareWhole(
    client,
    wanted(),
    share => {
      if (share > 0) aborter.abort();
    },
    aborter.signal,
  );
  await expect(work).rejects.toThrow();
  expect(asked).toHaveLength(2);
});

test('only_what_is_read_in_a_moment_is_read_unasked', () => {
  expect(isQuick(wanted())).toBe(true);
  expect(isQuick({ ...wanted(), rows: 16384, cols: 16384 })).toBe(false);
});
