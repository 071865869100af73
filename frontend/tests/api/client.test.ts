import { describe, expect, test, vi } from 'vitest';
import { Client } from '../../src/api/client';
import { ApiError, isAbort } from '../../src/api/errors';
import { npyFile } from '../support/npyFile';

const BASE = 'http://tensorboard.test/prefix/data/plugin/layerview/';
const WANTED = { run: 'a b', key: 'fc/param.weight', step: 3, slice: '0,:', generation: 'g1' };
const { signal } = new AbortController();

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json' },
  });

const oneByte = () => new Response(npyFile('|u1', [1], new Uint8Array([7])));

async function failure(request: typeof fetch): Promise<ApiError> {
  const error = await new Client(BASE, request).runs(signal).catch((thrown: unknown) => thrown);
  if (!(error instanceof ApiError)) throw new Error(`expected an ApiError, received ${error}`);
  return error;
}

describe('Client', () => {
  test('routes_are_siblings_of_the_module_below_any_path_prefix', async () => {
    const request = vi.fn<typeof fetch>(async () => json({ runs: [] }));
    await new Client(BASE, request).runs(signal);
    expect(request.mock.calls[0]?.[0]).toBe(`${BASE}runs`);
  });

  test('parameters_are_escaped', async () => {
    const request = vi.fn<typeof fetch>(async () => oneByte());
    await new Client(BASE, request).array({ ...WANTED, run: 'a&b=c/d e' }, signal);
    const url = new URL(String(request.mock.calls[0]?.[0]));
    expect(url.pathname).toBe('/prefix/data/plugin/layerview/array');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      run: 'a&b=c/d e',
      key: 'fc/param.weight',
      step: '3',
      slice: '0,:',
      generation: 'g1',
    });
  });

  test('an_array_is_fetched_once_within_a_generation', async () => {
    const request = vi.fn<typeof fetch>(async () => oneByte());
    const client = new Client(BASE, request);
    const first = await client.array(WANTED, signal);
    expect(await client.array(WANTED, signal)).toBe(first);
    expect(request).toHaveBeenCalledTimes(1);
    await client.array({ ...WANTED, generation: 'g2' }, signal);
    expect(request).toHaveBeenCalledTimes(2);
  });

  test('an_error_body_becomes_an_error_with_its_code_and_message', async () => {
    const body = { error: { code: 'not_found', message: 'run: expected one of a, received b' } };
    const error = await failure(async () => json(body, 404));
    expect([error.code, error.message, error.status]).toEqual([
      'not_found',
      'run: expected one of a, received b',
      404,
    ]);
  });

  test('a_page_that_is_not_the_plugins_is_unexpected', async () => {
    const error = await failure(async () => new Response('<h1>Bad gateway</h1>', { status: 502 }));
    expect(error.code).toBe('unexpected');
    expect(error.message).toContain('502');
  });

  test('json_that_is_not_json_is_unexpected', async () => {
    expect((await failure(async () => new Response('<!doctype html>'))).code).toBe('unexpected');
  });

  test('an_array_that_is_no_npy_is_unexpected', async () => {
    const client = new Client(BASE, async () => new Response('oops'));
    await expect(client.array(WANTED, signal)).rejects.toMatchObject({ code: 'unexpected' });
  });

  test('a_server_that_is_gone_is_unreachable', async () => {
    const error = await failure(async () => {
      throw new TypeError('Failed to fetch');
    });
    expect([error.code, error.status]).toEqual(['unreachable', 0]);
  });

  test('an_aborted_request_stays_an_abort', async () => {
    const aborter = new AbortController();
    const client = new Client(BASE, async (_url, options) => {
      aborter.abort();
      options?.signal?.throwIfAborted();
      return json({});
    });
    const error = await client.runs(aborter.signal).catch((thrown: unknown) => thrown);
    expect(isAbort(error)).toBe(true);
  });

  test('the_signal_reaches_fetch', async () => {
    const aborter = new AbortController();
    const request = vi.fn<typeof fetch>(async () => json({ steps: [] }));
    await new Client(BASE, request).catalog('r', aborter.signal);
    expect(request.mock.calls[0]?.[1]?.signal).toBe(aborter.signal);
  });
});

test('the_verdicts_of_a_step_are_asked_for_once_a_generation', async () => {
  const request = vi.fn<typeof fetch>(async () =>
    json({ steps: [{ step: 3, right: [true, false] }], available: 1 }),
  );
  const client = new Client(BASE, request);
  const place = { run: 'a', generation: 'g1', step: 3 };
  const both = await Promise.all([
    client.verdictsAt(place, signal),
    client.verdictsAt(place, signal),
  ]);
  expect((await client.verdictsAt(place, signal))?.right).toEqual([true, false]);
  expect(both[0]).toBe(both[1]);
  expect(request).toHaveBeenCalledTimes(1);
  await client.verdictsAt({ ...place, generation: 'g2' }, signal);
  await client.verdictsAt({ ...place, step: 4 }, signal);
  expect(request).toHaveBeenCalledTimes(3);
});

test('verdicts_that_nobody_knows_yet_are_asked_for_again', async () => {
  const request = vi.fn<typeof fetch>(async () => json({ steps: [], available: 0 }));
  const client = new Client(BASE, request);
  const place = { run: 'a', generation: 'g1', step: 3 };
  expect(await client.verdictsAt(place, signal)).toBe(null);
  await client.verdictsAt(place, signal);
  expect(request).toHaveBeenCalledTimes(2);
});
