import { expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import { statsInParts } from '../../src/state/statParts';
import { BYTES_OF_A_PART } from '../../src/state/stepBlocks';
import { fakeServer, recordedCnn, tensor } from '../support/fakeServer';

const BASE = 'http://tensorboard.test/data/plugin/layerview/';
const { signal } = new AbortController();
const STEPS = Array.from({ length: 23 }, (_, i) => 10 * i);
const MAX = STEPS.map((step, i) => (i === 7 ? 1000 : step));
const MIN = STEPS.map(step => -step);

function recorded() {
  const run = recordedCnn();
  run.catalog.steps = STEPS;
  run.catalog.tensors = ['a/output', 'b/output'].map(key => tensor(key, [2], ['']));
  run.stats = { max: { 'a/output': MAX, 'b/output': MIN }, rms: { 'b/output': MAX } };
  return run;
}

/** So many tensors that a part is of about so many steps. */
const tensorsOf = (steps: number) => Math.floor(BYTES_OF_A_PART / (13 * 8) / steps);

test.each([1, 5, 100])('parts_of_%d_steps_make_the_table_of_all_of_them', async part => {
  const server = fakeServer(recorded());
  const client = new Client(BASE, server.fetch);
  const wanted = { run: 'exp1', stats: ['max', 'rms'] as const, keys: ['b/output', 'a/output'] };
  const size = { steps: STEPS, tensors: tensorsOf(part) };
  const found = await statsInParts(client, wanted, size, signal);
  expect(server.asked.length).toBe(Math.ceil(STEPS.length / part));
  expect(found.shape).toEqual([2, 2, STEPS.length]);
  const zeros = STEPS.map(() => 0);
  expect([...found.values]).toEqual([MIN, MAX, MAX, zeros].flat());
});

test('columns_of_several_steps_are_the_same_in_whichever_parts_they_come', async () => {
  const wanted = { run: 'exp1', stats: ['max'] as const, keys: ['a/output'], maxColumns: 6 };
  const client = new Client(BASE, fakeServer(recorded()).fetch);
  // Four steps a column, and three that are left.
  const expected = [0, 4, 8, 12, 16, 20].map(at => Math.max(...MAX.slice(at, at + 4)));
  for (const part of [1, 9, 100]) {
    const size = { steps: STEPS, tensors: tensorsOf(part) };
    const found = await statsInParts(client, wanted, size, signal);
    expect([found.shape, [...found.values]]).toEqual([[1, 6], expected]);
  }
});

test('what_nobody_waits_for_is_asked_for_no_further', async () => {
  const aborter = new AbortController();
  const server = fakeServer(recorded());
  const client = new Client(BASE, (...args) => {
    if (server.asked.length === 2) aborter.abort();
    return server.fetch(...args);
  });
  const wanted = { run: 'exp1', stats: ['max'] as const, keys: ['a/output'] };
  const size = { steps: STEPS, tensors: tensorsOf(1) };
  await expect(statsInParts(client, wanted, size, aborter.signal)).rejects.toThrow();
  expect(server.asked.length).toBe(2);
});

test('what_can_wait_gives_way_before_each_further_part', async () => {
  const server = fakeServer(recorded());
  const before: number[] = [];
  const giveWay = async () => {
    before.push(server.asked.length);
  };
  const wanted = { run: 'exp1', stats: ['max'] as const, keys: ['a/output'] };
  // What is not urgent comes in parts of half the size.
  const size = { steps: STEPS, tensors: tensorsOf(16) };
  const found = await statsInParts(new Client(BASE, server.fetch), wanted, size, signal, giveWay);
  expect([...found.values]).toEqual(MAX);
  expect(before).toEqual([1, 2]);
});
