// @vitest-environment happy-dom
import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rehearseGallery } from '../../src/picture';
import { rehearse } from '../../src/views/rehearse';

/** What waits for the browser to be idle. */
let waiting = new Map<number, IdleRequestCallback>();
/** How long it then has. */
let room = 50;

beforeEach(() => {
  let asked = 0;
  waiting = new Map();
  room = 50;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.stubGlobal('requestIdleCallback', (callback: IdleRequestCallback) => {
    waiting.set(++asked, callback);
    return asked;
  });
  vi.stubGlobal('cancelIdleCallback', (which: number) => waiting.delete(which));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const deadline = { didTimeout: false, timeRemaining: () => room };

/** The browser has time until nobody asks for it; returns how often somebody did. */
function idleOut(): number {
  vi.advanceTimersByTime(1_000);
  for (let times = 0; ; times++) {
    const [next] = waiting;
    if (next === undefined) return times;
    waiting.delete(next[0]);
    next[1](deadline);
  }
}

function pictures() {
  const loading = signal(true);
  const answer = signal<{ key: string } | null>(null);
  const draw = vi.fn<() => void>();
  const stop = rehearse({ loading, answer }, draw);
  const show = (key: string) => {
    answer.value = { key };
    loading.value = false;
  };
  return { loading, draw, stop, show };
}

test('galleries are rehearsed once a first picture is shown, and an end comes to it', () => {
  const { draw, loading, show } = pictures();
  expect(idleOut()).toBe(0);
  show('a/output');
  const times = idleOut();
  expect(times).toBeGreaterThan(1);
  expect(draw).toHaveBeenCalledTimes(times);
  loading.value = true;
  loading.value = false;
  expect(idleOut()).toBe(0);
});

test('while a picture is under way nothing is rehearsed, and then the rest of it', () => {
  const whole = pictures();
  whole.show('a/output');
  const times = idleOut();
  const { loading, draw, show } = pictures();
  show('a/output');
  vi.advanceTimersByTime(1_000);
  const [first] = waiting.values();
  waiting.clear();
  first?.(deadline);
  loading.value = true;
  document.dispatchEvent(new Event('pointermove'));
  expect(idleOut()).toBe(0);
  expect(draw).toHaveBeenCalledTimes(1);
  loading.value = false;
  expect(idleOut()).toBe(times - 1);
});

test('while the page moves nothing is rehearsed, and then all of it', () => {
  const { draw, show } = pictures();
  show('a/output');
  room = 16;
  expect(idleOut()).toBe(1);
  expect(draw).not.toHaveBeenCalled();
  room = 50;
  const times = idleOut();
  expect(times).toBeGreaterThan(1);
  expect(draw).toHaveBeenCalledTimes(times);
});

test('who acts is left alone for a moment', () => {
  const { draw, show } = pictures();
  show('a/output');
  for (let moves = 0; moves < 20; moves++) {
    vi.advanceTimersByTime(100);
    document.dispatchEvent(new Event('pointermove'));
    expect(waiting.size).toBe(0);
  }
  expect(draw).not.toHaveBeenCalled();
  expect(idleOut()).toBeGreaterThan(1);
});

test('after another picture a few are drawn again', () => {
  const { loading, show } = pictures();
  show('a/output');
  const times = idleOut();
  loading.value = true;
  show('b/output');
  const again = idleOut();
  expect(again).toBeGreaterThan(0);
  expect(again).toBeLessThan(times);
});

test('nothing is rehearsed any more once it was stopped', () => {
  const { draw, show, stop } = pictures();
  show('a/output');
  stop();
  expect(idleOut()).toBe(0);
  expect(draw).not.toHaveBeenCalled();
});

test('a browser that does not tell when it is idle draws nothing out of sight', () => {
  vi.stubGlobal('requestIdleCallback', undefined);
  const { draw, show } = pictures();
  show('a/output');
  expect(idleOut()).toBe(0);
  expect(draw).not.toHaveBeenCalled();
});

test('a rehearsal draws all maps with their titles, and leaves nothing in the page', () => {
  const before = document.documentElement.innerHTML;
  const titles: string[] = [];
  const original = Element.prototype.querySelectorAll;
  const seen = vi.spyOn(Element.prototype, 'querySelectorAll').mockImplementation(function (
    this: Element,
    selectors: string,
  ) {
    if (selectors === 'canvas') {
      for (const title of original.call(this, 'figcaption')) titles.push(title.textContent ?? '');
    }
    return original.call(this, selectors);
  });
  rehearseGallery();
  seen.mockRestore();
  expect(titles).toHaveLength(64);
  expect(titles[63]).toBe('Filter 64');
  expect(document.documentElement.innerHTML).toBe(before);
});
