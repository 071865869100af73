import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { givingWay } from '../../src/state/giveWay';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Scrolls in frames that take so many milliseconds each; tells when what waits then went on. */
function scrolling(...frames: number[]) {
  const page = new EventTarget();
  const giveWay = givingWay(page);
  const scroll = (took: number) => {
    vi.advanceTimersByTime(took);
    page.dispatchEvent(new Event('scroll'));
  };
  for (const took of [1000, ...frames]) scroll(took);
  let wentOn = false;
  void giveWay().then(() => {
    wentOn = true;
  });
  const hasGoneOn = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    return wentOn;
  };
  return { scroll, hasGoneOn };
}

test('nothing_waits_where_nobody_scrolls', async () => {
  expect(await scrolling().hasGoneOn(0)).toBe(true);
});

test('nothing_waits_for_a_scroll_of_which_every_frame_comes_in_time', async () => {
  expect(await scrolling(17, 17, 16, 17).hasGoneOn(0)).toBe(true);
});

test('a_scroll_of_which_a_frame_was_left_out_is_given_way_until_it_rests', async () => {
  const { scroll, hasGoneOn } = scrolling(17, 33, 17, 17);
  for (let frame = 0; frame < 60; frame++) {
    scroll(17);
    expect(await hasGoneOn(0)).toBe(false);
  }
  expect(await hasGoneOn(250)).toBe(false);
  expect(await hasGoneOn(100)).toBe(true);
});

test('a_scroll_that_begins_after_a_rest_is_not_late_by_it', async () => {
  expect(await scrolling(33, 2000, 17).hasGoneOn(0)).toBe(true);
});
