import { expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import { rangeOfRun } from '../../src/state/sharedRange';

test('a_run_without_the_tensor_has_no_part_in_the_range_and_is_not_asked_for_it', async () => {
  const asked: string[] = [];
  const client = new Client('http://host/plugin/', async input => {
    asked.push(new URL(String(input)).pathname);
    return Response.json({ keys: ['fc/output'], steps: [0, 10] });
  });
  const { signal } = new AbortController();
  expect(await rangeOfRun(client, 'exp1', 'conv/output', signal)).toEqual([]);
  expect(asked).toEqual(['/plugin/stats/axes']);
});
