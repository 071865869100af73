import { signal } from '@preact/signals';
import { describe, expect, test } from 'vitest';
import { resource } from '../../src/state/resource';
import { until } from '../support/until';

interface Call {
  request: string;
  signal: AbortSignal;
  resolve: (value: string) => void;
  reject: (error: Error) => void;
}

function setup(first: string | null | undefined) {
  const wanted = signal<string | null | undefined>(first);
  const calls: Call[] = [];
  const loaded = resource(
    () => wanted.value,
    (request, abort) =>
      new Promise<string>((resolve, reject) => {
        calls.push({ request, signal: abort, resolve, reject });
      }),
  );
  const call = (index: number): Call => {
    const found = calls[index];
    if (!found) throw new Error(`expected call ${index}, there were ${calls.length}`);
    return found;
  };
  return { wanted, calls, call, loaded };
}

describe('resource', () => {
  test('an_answer_comes_with_the_request_that_it_answers', async () => {
    const { call, loaded } = setup('a');
    expect(loaded.loading.value).toBe(true);
    call(0).resolve('A');
    await until(() => !loaded.loading.value, 'the answer');
    expect(loaded.answer.value).toEqual({ request: 'a', value: 'A' });
  });

  test('a_late_answer_is_dropped_and_its_transfer_aborted', async () => {
    const { wanted, call, loaded } = setup('a');
    wanted.value = 'b';
    expect(call(0).signal.aborted).toBe(true);
    call(1).resolve('B');
    await until(() => loaded.answer.value !== null, 'an answer');
    call(0).resolve('A');
    await Promise.resolve();
    expect(loaded.answer.value?.value).toBe('B');
    expect(loaded.loading.value).toBe(false);
  });

  test('the_last_answer_stays_while_the_next_is_under_way', async () => {
    const { wanted, call, loaded } = setup('a');
    call(0).resolve('A');
    await until(() => loaded.answer.value !== null, 'an answer');
    wanted.value = 'b';
    expect(loaded.answer.value?.value).toBe('A');
    expect(loaded.loading.value).toBe(true);
  });

  test('a_failure_is_kept_until_the_next_answer', async () => {
    const { call, loaded } = setup('a');
    call(0).reject(new Error('no'));
    await until(() => loaded.error.value !== null, 'an error');
    expect(loaded.error.value?.message).toBe('no');
    loaded.reload();
    call(1).resolve('A');
    await until(() => loaded.answer.value !== null, 'an answer');
    expect(loaded.error.value).toBeNull();
  });

  test('why_one_request_failed_is_not_said_of_another', async () => {
    const { wanted, call, loaded } = setup('a');
    call(0).reject(new Error('no'));
    await until(() => loaded.error.value !== null, 'an error');
    wanted.value = 'b';
    expect(loaded.error.value).toBeNull();
    expect(loaded.loading.value).toBe(true);
    call(1).reject(new Error('neither'));
    await until(() => loaded.error.value !== null, 'an error');
    // Of the same request it stays while that is asked again: nothing flickers.
    loaded.reload();
    expect(loaded.error.value?.message).toBe('neither');
  });

  test('an_equal_request_is_not_sent_again', () => {
    const { wanted, calls } = setup('a');
    wanted.value = undefined;
    wanted.value = 'a';
    expect(calls).toHaveLength(1);
  });

  test('null_asks_for_nothing_and_forgets_and_undefined_leaves_all_as_it_is', async () => {
    const { wanted, call, loaded } = setup('a');
    call(0).resolve('A');
    await until(() => loaded.answer.value !== null, 'an answer');
    wanted.value = undefined;
    expect(loaded.answer.value?.value).toBe('A');
    wanted.value = null;
    expect(loaded.answer.value).toBeNull();
    expect(loaded.loading.value).toBe(false);
  });

  test('after_dispose_nothing_changes_any_more', async () => {
    const { wanted, calls, call, loaded } = setup('a');
    loaded.dispose();
    expect(call(0).signal.aborted).toBe(true);
    wanted.value = 'b';
    expect(calls).toHaveLength(1);
  });
});
