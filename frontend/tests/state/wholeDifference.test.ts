import { expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import { figureOf } from '../../src/state/figure';
import { asDrawn, type PictureRequest } from '../../src/state/pictureData';
import { planOf } from '../../src/state/plan';
import { parseRoles } from '../../src/state/roles';
import {
  compareWhole,
  isQuick,
  type WholeRequest,
  wholeRequest,
} from '../../src/state/wholeDifference';
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

test('a_part_that_is_drawn_transposed_is_read_as_the_tensor_has_it', async () => {
  const { client, asked } = serverOfBands();
  const side = (step: number) => {
    const plan = planOf(shown, {
      ...{ sample: 0, lead: {}, page: 0, level: null, plane: 'mean', tiles: true },
      roles: parseRoles('cr') ?? [],
      crop: { 0: [8, 2504] },
    });
    expect(plan.tiled).toBe(true);
    // The blocks of 8 x 8 of what is shown.
    const values = new Float32Array((2496 / 8) * (COLS / 8));
    const blocks = { finite: values, flags: values, least: values, greatest: values };
    const array = { values, shape: [312, 128], strides: [128, 1], dtype: 'f4', blocks };
    const request = { run: 'exp1', generation: 'g', step, tensor: shown, plan };
    return figureOf(request, asDrawn(array, plan.drawn));
  };
  const request = wholeRequest(side(1), side(0));
  if (request === null) throw new Error('expected something to compare');
  const { signal } = new AbortController();
  const { furthest } = await compareWhole(client, request, () => undefined, signal);
  expect([...new Set(asked)]).toEqual(['8:1032,0:1024', '1032:2056,0:1024', '2056:2504,0:1024']);
  expect(furthest.map(({ place }) => place)).toEqual([2 * COLS, (2500 - 8) * COLS + 7]);
});
