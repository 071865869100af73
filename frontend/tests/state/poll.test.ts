import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { poll } from '../../src/state/poll';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const passed = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

test('a second after an answer it is asked again, unless nobody looks', async () => {
  const reload = vi.fn<() => void>();
  let isVisible = true;
  const stop = poll({ loading: signal(false), reload }, () => isVisible);
  await passed(999);
  expect(reload).not.toHaveBeenCalled();
  await passed(1);
  expect(reload).toHaveBeenCalledTimes(1);
  stop();
  isVisible = false;
  const stopUnseen = poll({ loading: signal(false), reload }, () => isVisible);
  await passed(5_000);
  expect(reload).toHaveBeenCalledTimes(1);
  stopUnseen();
});

test('it makes way once for what is waited for, and then comes though that goes on', async () => {
  const reload = vi.fn<() => void>();
  const stop = poll(
    { loading: signal(false), reload },
    () => true,
    () => true,
  );
  await passed(1_050);
  expect(reload).not.toHaveBeenCalled();
  await passed(50);
  expect(reload).toHaveBeenCalledTimes(1);
  stop();
});
