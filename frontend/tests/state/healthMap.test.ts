import { expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import { type HealthTable, type Kept, loadHealth } from '../../src/state/healthMap';
import { blocksOfSteps, lengthOfBlocks, partsOfSteps } from '../../src/state/stepBlocks';
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

test('the_length_of_blocks_is_the_first_of_few_that_gives_so_many_columns_at_most', () => {
  const lengths = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
  for (let steps = 0; steps <= 640; steps++) {
    expect(lengthOfBlocks(steps, 10)).toBe(lengths.find(length => length * 10 >= steps));
  }
});

function load(
  stats: Parameters<typeof fakeServer>[0]['stats'],
  tensors: number,
  columns: number,
  {
    steps = [0, 1, 2, 3, 4],
    partBytes = 2 * 104 * tensors,
    giveWay = async (): Promise<void> => undefined,
  } = {},
) {
  const recorded = recordedCnn();
  recorded.stats = stats;
  recorded.catalog.steps = steps;
  recorded.catalog.tensors = ['a/param.weight', 'a/output', 'b/output'].map(key =>
    tensor(key, [2], ['']),
  );
  for (let i = 3; i < tensors; i++)
    recorded.catalog.tensors.push(tensor(`t${i}/output`, [2], ['']));
  const server = fakeServer(recorded);
  const shown: HealthTable[] = [];
  const kept: Kept = { cells: null, parts: new Set() };
  const run = (see: (table: HealthTable) => void = () => undefined) =>
    loadHealth(
      new Client(BASE, server.fetch),
      {
        run: 'exp1',
        measure: 'rms',
        group: 'outputs',
        steps: recorded.catalog.steps,
        tensors: recorded.catalog.tensors,
        maxColumns: columns,
        partBytes,
        giveWay,
      },
      kept,
      signal,
      table => {
        shown.push(table);
        see(table);
      },
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

/** Twenty steps in twenty parts: value `s + 1` at step `s`, a NaN at step 9. */
function loadLong(columns: number) {
  const values = Array.from({ length: 20 }, (_, i) => i + 1);
  const bad = values.map(value => (value === 10 ? 3 : 0));
  return load({ rms: { 'a/output': values }, nan: { 'a/output': bad } }, 300, columns, {
    steps: values.map(value => value - 1),
    partBytes: 104 * 300,
  });
}

test('a_long_map_begins_with_few_steps_of_all_of_it_and_ends_with_every_step', async () => {
  const { run, shown, asked } = loadLong(20);
  const row = (table: HealthTable | undefined) => table?.rows.find(({ key }) => key === 'a/output');
  const looks: number[][] = [];
  const table = await run(part => looks.push([...(row(part)?.values ?? [])]));
  expect(asked[0]).toContain('every=4');
  // Of four steps in a row the last, in the place of all four; nothing is told to be whole.
  const everyFourth = [4, 8, 12, 16, 20].flatMap(value => Array.from({ length: 4 }, () => value));
  expect(looks[0]).toEqual(everyFourth);
  expect([shown[0]?.wholeColumns, shown[0]?.stepsRead]).toEqual([0, 0]);
  expect([...(row(table)?.values ?? [])]).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect([...(row(table)?.nonFinite ?? [])].indexOf(3)).toBe(9);
  expect([table.wholeColumns, table.stepsRead]).toEqual([20, 20]);
  // The range is that of all values, and no more that of the few.
  expect([Math.min(...table.range), Math.max(...table.range)]).toEqual([0, 20]);
});

test('no_further_part_is_asked_for_while_somebody_is_given_way', async () => {
  let rest = () => {};
  const resting = new Promise<void>(resolve => {
    rest = resolve;
  });
  const steps = Array.from({ length: 20 }, (_, i) => i);
  let parts = 0;
  const { run, asked } = load({ rms: { 'a/output': steps } }, 300, 20, {
    steps,
    partBytes: 104 * 300,
    giveWay: async () => (++parts > 5 ? resting : undefined),
  });
  const loaded = run();
  await new Promise(resolve => setTimeout(resolve, 50));
  // The look at few steps of all, and what was under way: five parts and the one that was read ahead.
  expect(asked.length).toBe(7);
  rest();
  await loaded;
  expect(asked.length).toBe(21);
});

test('a_part_that_grew_leaves_nothing_of_its_range', async () => {
  const recorded = recordedCnn();
  recorded.catalog.steps = [0, 1, 2];
  recorded.catalog.tensors = [tensor('a/output', [2], [''])];
  recorded.stats = { rms: { 'a/output': [5, 6, 0.5] } };
  const kept: Kept = { cells: null, parts: new Set() };
  const client = new Client(BASE, fakeServer(recorded).fetch);
  const { tensors } = recorded.catalog;
  const ask = (steps: number[]) =>
    loadHealth(
      client,
      {
        run: 'exp1',
        measure: 'rms',
        group: 'outputs',
        steps,
        tensors,
        maxColumns: 2,
        partBytes: 1,
        giveWay: async () => undefined,
      },
      kept,
      signal,
      () => undefined,
    );
  const first = await ask([0, 1, 2]);
  expect([...(first.rows[0]?.values ?? [])]).toEqual([6, 0.5]);
  recorded.catalog.steps = [0, 1, 2, 3];
  recorded.stats = { rms: { 'a/output': [5, 6, 0.5, 7] } };
  const table = await ask([0, 1, 2, 3]);
  expect([...(table.rows[0]?.values ?? [])]).toEqual([6, 7]);
  expect([Math.min(...table.range), Math.max(...table.range)]).toEqual([6, 7]);
});
