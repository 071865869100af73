// @vitest-environment happy-dom
import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withPicture } from '../../src/views/together';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The page's updates while pictures are loaded, and what has been done since. */
function page() {
  const loading = signal(false);
  const schedule = withPicture(loading);
  const update = vi.fn<() => void>();
  return { loading, update, change: () => schedule(update) };
}

const passed = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

test('the page is brought up to date at once where no picture is asked for', async () => {
  const { change, update } = page();
  change();
  expect(update).not.toHaveBeenCalled();
  await Promise.resolve();
  expect(update).toHaveBeenCalledTimes(1);
});

test('what a click changes is drawn with its picture, all at once', async () => {
  const { loading, change, update } = page();
  // The page hears of the click before the picture is asked for.
  change();
  loading.value = true;
  await passed(20);
  expect(update).not.toHaveBeenCalled();
  loading.value = false;
  await passed(0);
  expect(update).toHaveBeenCalledTimes(1);
  await passed(1_000);
  expect(update).toHaveBeenCalledTimes(1);
});

test('a picture that is late is not waited for, then or later', async () => {
  const { loading, change, update } = page();
  change();
  loading.value = true;
  await passed(33);
  expect(update).toHaveBeenCalledTimes(1);
  change();
  await passed(0);
  expect(update).toHaveBeenCalledTimes(2);
});

test('whoever acts again acts on the page as it is', async () => {
  const { loading, change, update } = page();
  change();
  loading.value = true;
  await passed(5);
  const target = document.body.appendChild(document.createElement('input'));
  const seen: number[] = [];
  target.addEventListener('keydown', () => seen.push(update.mock.calls.length));
  target.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
  expect(seen).toEqual([1]);
  loading.value = false;
  await passed(1_000);
  expect(update).toHaveBeenCalledTimes(1);
});
