// @vitest-environment happy-dom
import { act } from 'preact/test-utils';
import { beforeEach, expect, test } from 'vitest';
import type { Memory } from '../../src/state/memory';
import { recordedCnn } from '../support/fakeServer';
import { byRole, open, press, root, seen } from '../support/openPage';

const WINDOW_PX = 1280;
/** 23 % of the window. */
const DEFAULT_PX = 294;

function resize(px: number): void {
  window.innerWidth = px;
  act(() => void window.dispatchEvent(new Event('resize')));
}

/** What a browser would keep from visit to visit. */
function store(): Memory {
  const kept = new Map<string, string>();
  return {
    recall: name => kept.get(name) ?? null,
    remember: (name, text) => void kept.set(name, text),
  };
}

const edge = () => byRole('separator', 'Width of the layers');
const told = () => Number(edge().getAttribute('aria-valuenow'));

/** The width that the page is laid out with, which is what the edge has to tell. */
function laidOut(): number {
  const page = root.querySelector<HTMLElement>('.lv-page');
  const px = Number.parseFloat(page?.style.getPropertyValue('--lv-side') ?? '');
  expect(told()).toBe(px);
  return px;
}

async function visit(memory: Memory) {
  const page = open(recordedCnn(), '#layerview', undefined, memory);
  await seen('Filter 2');
  return page;
}

beforeEach(() => {
  window.innerWidth = WINDOW_PX;
});

test('arrows_home_and_end_move_the_edge_within_its_limits_and_not_the_steps', async () => {
  const { app } = await visit(store());
  expect(laidOut()).toBe(DEFAULT_PX);
  press('ArrowRight', edge());
  expect(laidOut()).toBe(DEFAULT_PX + 16);
  press('ArrowLeft', edge());
  expect(laidOut()).toBe(DEFAULT_PX);
  press('Home', edge());
  const narrowest = laidOut();
  expect(narrowest).toBe(Number(edge().getAttribute('aria-valuemin')));
  press('ArrowLeft', edge());
  expect(laidOut()).toBe(narrowest);
  press('End', edge());
  const widest = laidOut();
  expect(widest).toBe(Number(edge().getAttribute('aria-valuemax')));
  expect(WINDOW_PX - widest).toBeGreaterThan(500);
  expect(app.view.step.value).toBe(20);
});

test('a_width_is_remembered_until_a_double_click_or_enter_brings_the_default_back', async () => {
  const memory = store();
  for (const back of ['double click', 'Enter']) {
    const { close } = await visit(memory);
    press('ArrowRight', edge());
    press('ArrowRight', edge());
    close();
    const again = await visit(memory);
    expect(laidOut()).toBe(DEFAULT_PX + 32);
    if (back === 'Enter') press('Enter', edge());
    else act(() => void edge().dispatchEvent(new MouseEvent('dblclick', { bubbles: true })));
    expect(laidOut()).toBe(DEFAULT_PX);
    again.close();
    const last = await visit(memory);
    expect(laidOut()).toBe(DEFAULT_PX);
    last.close();
  }
});

test('a_small_window_bounds_the_width_and_a_large_one_gives_it_back', async () => {
  await visit(store());
  resize(1920);
  press('End', edge());
  const wide = laidOut();
  expect(wide).toBeGreaterThan(1000);
  resize(1280);
  expect(laidOut()).toBe(Number(edge().getAttribute('aria-valuemax')));
  expect(laidOut()).toBeLessThan(wide);
  // A frame behind another tab of TensorBoard has no width.
  resize(0);
  resize(1920);
  expect(laidOut()).toBe(wide);
});

test('nonsense_that_was_kept_is_no_width', async () => {
  const memory: Memory = { recall: () => 'wide', remember: () => undefined };
  await visit(memory);
  expect(laidOut()).toBe(DEFAULT_PX);
});
