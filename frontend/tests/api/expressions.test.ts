import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  answerSearches,
  found,
  PATIENCE_MS,
  type Question,
  type SearchScope,
  searchIn,
  type Thread,
} from '../../src/api/expressions';

/** A thread that answers as the real one does, or is busy for ever. */
function thread(isBusy: boolean) {
  const scope: SearchScope = { onmessage: null, postMessage: () => {} };
  const made: Thread & { ended: boolean } = {
    ended: false,
    onmessage: null,
    onerror: null,
    postMessage: (data: Question) => {
      if (!isBusy) scope.onmessage?.({ data } as MessageEvent<Question>);
    },
    terminate: () => {
      made.ended = true;
    },
  };
  scope.postMessage = data => {
    queueMicrotask(() => made.onmessage?.({ data } as MessageEvent));
  };
  queueMicrotask(() => answerSearches(scope));
  return made;
}

const never = new AbortController().signal;

describe('a search in a thread', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('answers_what_is_found_and_ends_the_thread', async () => {
    const made = thread(false);
    const names = ['conv1/output', 'CONV2/output', 'fc'];
    const answer = await searchIn(() => made)(['^conv', 'c$'], names, never);
    expect(answer).toEqual([['conv1/output', 'CONV2/output'], ['fc']]);
    expect(answer).toEqual(found(['^conv', 'c$'], names));
    expect(made.ended).toBe(true);
  });

  test('is_ended_where_it_takes_too_long_and_says_so', async () => {
    const made = thread(true);
    const answer = searchIn(() => made)(['(a+)+$'], ['a'.repeat(40)], never);
    const refused = expect(answer).rejects.toThrow('takes longer than 1 s');
    await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
    expect(made.ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await refused;
    expect(made.ended).toBe(true);
  });

  test('is_ended_where_nobody_waits_any_more', async () => {
    const made = thread(true);
    const aborter = new AbortController();
    const answer = searchIn(() => made)(['a'], ['a'], aborter.signal);
    const refused = expect(answer).rejects.toThrow('abort');
    aborter.abort();
    await refused;
    expect(made.ended).toBe(true);
  });

  test('that_no_thread_can_make_says_so', async () => {
    const made = thread(true);
    const answer = searchIn(() => made)(['a'], ['a'], never);
    made.onerror?.(new Event('error') as ErrorEvent);
    await expect(answer).rejects.toThrow('cannot try regular expressions');
    expect(made.ended).toBe(true);
  });
});
