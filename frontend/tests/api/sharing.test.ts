import { expect, test } from 'vitest';
import { SharedRequests } from '../../src/api/sharing';

function transfers() {
  const begun: { signal: AbortSignal; come: (value: number) => void; fail: (e: Error) => void }[] =
    [];
  const load = (signal: AbortSignal) =>
    new Promise<number>((come, fail) => {
      begun.push({ signal, come, fail });
    });
  return { begun, load };
}

test('two_who_ask_for_the_same_share_one_transfer', async () => {
  const { begun, load } = transfers();
  const shared = new SharedRequests<number>();
  const asked = [0, 1].map(() => shared.ask('a', new AbortController().signal, load));
  expect(begun).toHaveLength(1);
  begun[0]?.come(7);
  expect(await Promise.all(asked)).toEqual([7, 7]);
  // What has come is kept by others: asked for again, it is loaded again.
  void shared.ask('a', new AbortController().signal, load);
  expect(begun).toHaveLength(2);
});

test('one_who_leaves_is_told_at_once_and_the_others_are_still_served', async () => {
  const { begun, load } = transfers();
  const shared = new SharedRequests<number>();
  const leaver = new AbortController();
  const [left, stays] = [leaver.signal, new AbortController().signal].map(signal =>
    shared.ask('a', signal, load),
  );
  leaver.abort();
  await expect(left).rejects.toThrow();
  expect(begun[0]?.signal.aborted).toBe(false);
  begun[0]?.come(3);
  expect(await stays).toBe(3);
});

test('when_all_have_left_the_transfer_is_aborted_and_a_new_one_begins', async () => {
  const { begun, load } = transfers();
  const shared = new SharedRequests<number>();
  const leavers = [new AbortController(), new AbortController()];
  const asked = leavers.map(({ signal }) => shared.ask('a', signal, load));
  for (const leaver of leavers) leaver.abort();
  const ends = await Promise.allSettled(asked);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(begun[0]?.signal.aborted).toBe(true);
  void shared.ask('a', new AbortController().signal, load);
  expect(begun).toHaveLength(2);
});

test('a_failure_is_told_to_all_and_the_next_one_tries_anew', async () => {
  const { begun, load } = transfers();
  const shared = new SharedRequests<number>();
  const asked = [0, 1].map(() => shared.ask('a', new AbortController().signal, load));
  begun[0]?.fail(new Error('out of order'));
  const ends = await Promise.allSettled(asked);
  expect(ends.map(end => end.status === 'rejected' && String(end.reason))).toEqual(
    Array(2).fill('Error: out of order'),
  );
  void shared.ask('a', new AbortController().signal, load);
  expect(begun).toHaveLength(2);
});
