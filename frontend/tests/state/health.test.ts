import { expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import { healthAfter } from '../../src/state/health';
import { fakeServer, type Recorded, recordedCnn } from '../support/fakeServer';

const BASE = 'http://tensorboard.test/data/plugin/layerview/';
const { signal } = new AbortController();

function ask(recorded: Recorded) {
  const server = fakeServer(recorded);
  const client = new Client(BASE, server.fetch);
  return {
    asked: server.asked,
    after: (before: Parameters<typeof healthAfter>[1]) =>
      healthAfter(client, before, 'exp1', recorded.catalog, signal),
  };
}

test('the_first_is_the_earliest_step_and_then_the_nearest_to_the_cause', async () => {
  const recorded = recordedCnn();
  recorded.stats = { nan: { '/output': [0, 4, 0], 'conv.1/output': [0, 0, 9] } };
  const { health } = await ask(recorded).after(null);
  expect(health.first).toEqual({ step: 10, key: '/output', count: 4 });
  expect([...health.badKeys].sort()).toEqual(['/output', 'conv.1/output']);
  expect([...health.badSteps]).toEqual([10, 20]);
  recorded.stats.pos_inf = { 'conv.0/output': [0, 2, 0] };
  expect((await ask(recorded).after(null)).health.first?.key).toBe('conv.0/output');
});

test('what_masks_are_made_of_is_no_fault', async () => {
  const recorded = recordedCnn();
  recorded.stats = { neg_inf: { 'conv.0/output': [3, 3, 3] }, broken: {} };
  const { health } = await ask(recorded).after(null);
  expect([health.first, health.badKeys.size, health.badSteps.size]).toEqual([null, 0, 0]);
});

test('only_steps_that_came_since_are_asked_for', async () => {
  const recorded = recordedCnn();
  recorded.stats = { nan: { '/output': [0, 0, 0, 5] } };
  const before = await ask(recorded).after(null);
  expect(before.health.first).toBeNull();
  recorded.catalog = { ...recorded.catalog, steps: [0, 10, 20, 30] };
  const { after, asked } = ask(recorded);
  const now = await after(before);
  expect(now.health.first).toEqual({ step: 30, key: '/output', count: 5 });
  const froms = asked.map(path => new URLSearchParams(path.split('?')[1]).get('first_step'));
  expect(new Set(froms)).toEqual(new Set(['30']));
  asked.length = 0;
  expect(await after(now)).toBe(now);
  expect(asked).toEqual([]);
});

test('a_run_that_began_anew_is_looked_through_from_the_start', async () => {
  const recorded = recordedCnn();
  recorded.stats = { nan: { '/output': [3, 0, 0] } };
  const before = await ask(recorded).after(null);
  recorded.stats = {};
  recorded.catalog = { ...recorded.catalog, generation: 'g2' };
  const { health } = await ask(recorded).after(before);
  expect([health.first, health.badKeys.size]).toEqual([null, 0]);
});
