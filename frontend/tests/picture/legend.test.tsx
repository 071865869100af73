// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { Legend } from '../../src/picture/Legend';
import { matrixOf } from '../../src/scale/matrix';
import { countLooks, DEFAULT_SETTINGS, resolveScale } from '../../src/scale/scale';
import type { ScaleSettings } from '../../src/scale/types';
import { only, send, show } from './page';

const matrix = matrixOf(Float32Array.of(Number.NaN, 0, 1, 2, 3, Number.POSITIVE_INFINITY), 2, 3);

async function showLegend(settings: Partial<ScaleSettings> = {}) {
  const onChange = vi.fn();
  const scale = resolveScale({ ...DEFAULT_SETTINGS, ...settings }, [matrix]);
  const counts = countLooks(scale, [matrix]);
  const root = await show(<Legend scale={scale} counts={counts} onChange={onChange} />);
  return { root, onChange, settings: scale.settings };
}

function controlOf<T extends Element>(root: HTMLElement, label: string): T {
  const labels = [...root.querySelectorAll('label')];
  const found = labels.find(candidate => candidate.querySelector('span')?.textContent === label);
  const control = found?.querySelector<T & Element>('select, input');
  if (!control) throw new Error(`no control is labelled ${label}`);
  return control;
}

const change = () => new Event('change', { bubbles: true });

test('the looks that occur are listed with their counts, and no others', async () => {
  const { root } = await showLegend({ mode: 'fixed', fixed: [1, 2] });
  const items = [...root.querySelectorAll('li')].map(item => item.textContent);
  expect(items).toEqual(['NaN: 1', '+Inf: 1', 'below 1: 1', 'above 2: 1']);
});

test('the bar names its ends', async () => {
  const { root } = await showLegend();
  const labels = [...root.querySelectorAll('.lv-color-bar text')].map(text => text.textContent);
  expect([labels[0], labels.at(-1)]).toEqual(['0', '3']);
});

test('every control changes its own setting', async () => {
  const { root, onChange, settings } = await showLegend();
  const choose = async (label: string, value: string) => {
    const select = controlOf<HTMLSelectElement>(root, label);
    select.value = value;
    await send(select, change());
  };
  await choose('Colours', 'earth');
  expect(onChange).toHaveBeenLastCalledWith({ ...settings, map: 'earth' });
  await choose('Range', 'robust');
  expect(onChange).toHaveBeenLastCalledWith({ ...settings, mode: 'robust' });
  await choose('Scale', 'symlog');
  expect(onChange).toHaveBeenLastCalledWith({ ...settings, transform: 'symlog' });
  const reversed = controlOf<HTMLInputElement>(root, 'Reversed');
  reversed.checked = true;
  await send(reversed, change());
  expect(onChange).toHaveBeenLastCalledWith({ ...settings, reversed: true });
});

test('a fixed range has two ends to type, and an empty one is left to the data', async () => {
  expect((await showLegend()).root.querySelector('input[type="number"]')).toBeNull();
  const { root, onChange } = await showLegend({ mode: 'fixed', fixed: [0.5, Number.NaN] });
  const min = controlOf<HTMLInputElement>(root, 'Min');
  const max = controlOf<HTMLInputElement>(root, 'Max');
  expect([min.value, max.value, max.placeholder]).toEqual(['0.5', '', '3']);
  max.value = '2.5';
  await send(max, change());
  expect(onChange.mock.lastCall?.[0].fixed).toEqual([0.5, 2.5]);
  min.value = '';
  await send(min, change());
  expect(onChange.mock.lastCall?.[0].fixed[0]).toBeNaN();
});

test('a range of nothing is said in words', async () => {
  const empty = matrixOf(Float32Array.of(Number.NaN), 1, 1);
  const scale = resolveScale(DEFAULT_SETTINGS, [empty]);
  const counts = countLooks(scale, [empty]);
  const root = await show(<Legend scale={scale} counts={counts} onChange={() => undefined} />);
  expect(root.textContent).toContain('No finite values to scale.');
  expect(only(root, 'li').textContent).toBe('NaN: 1');
});
