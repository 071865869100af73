import { expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import type { NdArray } from '../../src/api/npy';
import { type HealthTable, loadHealth } from '../../src/state/healthMap';
import { blocksOfSteps, partsOfSteps } from '../../src/state/stepBlocks';
import { fakeServer, recordedCnn, tensor } from '../support/fakeServer';

const BASE = 'http://tensorboard.test/data/plugin/layerview/';
const { signal } = new AbortController();

test('blocks_of_steps_are_equal_but_for_the_last', () => {
  expect(blocksOfSteps([0, 1, 2, 5, 8], 2)).toEqual([
    [0, 2],
    [5, 8],
  ]);
  expect(blocksOfSteps([3, 4], 100)).toEqual([
    [3, 3],
    [4, 4],
  ]);
  expect(blocksOfSteps([], 100)).toEqual([]);
});

test('parts_are_of_whole_blocks_and_what_is_left_is_one_of_its_own', () => {
  const steps = Array.from({ length: 23 }, (_, i) => i);
  // A step of so many tensors takes a tenth of a part: ten steps, of which two blocks of four fit.
  const parts = partsOfSteps(steps, 4, 10, 1, 10 * 10 * 104);
  expect(parts.map(part => part.length)).toEqual([8, 8, 4, 3]);
  expect(parts.flat()).toEqual(steps);
  expect(partsOfSteps([], 1, 10, 1, 1)).toEqual([]);
});

function load(stats: Parameters<typeof fakeServer>[0]['stats'], tensors: number, columns: number) {
  const recorded = recordedCnn();
  recorded.stats = stats;
  recorded.catalog.steps = [0, 1, 2, 3, 4];
  recorded.catalog.tensors = ['a/param.weight', 'a/output', 'b/output'].map(key =>
    tensor(key, [2], ['']),
  );
  for (let i = 3; i < tensors; i++)
    recorded.catalog.tensors.push(tensor(`t${i}/output`, [2], ['']));
  const server = fakeServer(recorded);
  const shown: HealthTable[] = [];
  const kept = new Map<string, NdArray>();
  const run = () =>
    loadHealth(
      new Client(BASE, server.fetch),
      {
        run: 'exp1',
        measure: 'rms',
        group: 'outputs',
        steps: recorded.catalog.steps,
        tensors: recorded.catalog.tensors,
        maxColumns: columns,
        partBytes: 2 * 104 * tensors,
      },
      kept,
      signal,
      table => shown.push(table),
    );
  return { run, shown, asked: server.asked };
}

const nothing = Array.from({ length: 5 }, () => Number.NaN);

test('rows_are_the_tensors_of_the_group_that_have_anything_to_show', async () => {
  const rms = {
    'a/param.weight': [9, 9, 9, 9, 9],
    'a/output': nothing,
    'b/output': [1, 2, 5, 4, 3],
  };
  const { run } = load({ rms, non_finite: { 'a/output': nothing } }, 3, 2);
  const table = await run();
  expect(table.rows.map(({ key }) => key)).toEqual(['b/output']);
  // Two blocks: three steps, and the two that are left.
  expect([...(table.rows[0]?.values ?? [])]).toEqual([5, 4]);
  expect(table.stepsRead).toBe(5);
});

test('what_is_not_finite_is_seen_where_there_is_no_number', async () => {
  const { run } = load(
    { rms: { 'a/output': nothing }, nan: { 'a/output': [0, 0, 0, 0, 7] } },
    3,
    9,
  );
  const [row] = (await run()).rows;
  expect(row?.key).toBe('a/output');
  expect([...(row?.nonFinite ?? [])]).toEqual([0, 0, 0, 0, 7]);
});

test('a_large_map_comes_in_parts_that_are_asked_for_once', async () => {
  const rms = { 'a/output': [1, 2, 3, 4, 5] };
  const { run, shown, asked } = load({ rms }, 300, 5);
  const table = await run();
  expect([...(table.rows.find(({ key }) => key === 'a/output')?.values ?? [])]).toEqual([
    1, 2, 3, 4, 5,
  ]);
  expect(asked.length).toBe(3);
  expect(asked.every(path => !path.includes('key='))).toBe(true);
  expect(shown[0]?.stepsRead).toBe(2);
  await run();
  // Only the last part, which may have grown, is asked for again.
  expect(asked.length).toBe(4);
});
