// @vitest-environment happy-dom
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { expect, test, vi } from 'vitest';

import { Heatmap } from '../../src/picture/Heatmap';
import type { Hover } from '../../src/picture/types';
import { matrixOf } from '../../src/scale/matrix';
import { resolveScale, WEIGHT_SETTINGS } from '../../src/scale/scale';
import type { Matrix } from '../../src/scale/types';
import { key, only, pointer, send, show } from './page';

const weights = matrixOf(
  Float32Array.from({ length: 640 }, (_, i) => Math.sin(i)),
  10,
  64,
);

async function showHeatmap(matrix: Matrix, onHover?: (hover: Hover | null) => void) {
  return show(
    <Heatmap
      matrix={matrix}
      rowAxis={{ title: 'Output Node Index' }}
      colAxis={{ title: 'Input Node Index', first: 100 }}
      scale={resolveScale(WEIGHT_SETTINGS, [matrix])}
      title="fc_final.0 / weight"
      onHover={onHover}
    />,
  );
}

test('a heatmap has both axis titles, and labels that count from the first index', async () => {
  const root = await showHeatmap(weights);
  const titles = [...root.querySelectorAll('.lv-axis-title')].map(title => title.textContent);
  expect(titles).toEqual(['Output Node Index', 'Input Node Index']);
  const labels = [...root.querySelectorAll('.lv-axis g text')].map(label => label.textContent);
  expect(labels).toEqual(expect.arrayContaining(['0', '9', '100', '160']));
});

test('its cells are whole pixels, and it tells its shape', async () => {
  const root = await showHeatmap(weights);
  const frame = only(root, '.lv-frame');
  expect(Number.parseFloat(frame.style.width) % 64).toBe(0);
  expect(Number.parseFloat(frame.style.height) % 10).toBe(0);
  expect(frame.getAttribute('aria-label')).toContain(
    'fc_final.0 / weight: Output Node Index by Input Node Index, 10 by 64',
  );
});

test('the pointer reads the exact value and index of the cell under it', async () => {
  const onHover = vi.fn();
  const root = await showHeatmap(weights, onHover);
  const frame = only(root, '.lv-frame');
  const cell = Number.parseFloat(frame.style.width) / 64;
  await send(frame, pointer('pointermove', cell * 5.5, cell * 3.5));
  expect(onHover).toHaveBeenLastCalledWith(
    expect.objectContaining({ index: [3, 5], value: weights.values[3 * 64 + 5] }),
  );
  expect(only(root, '.lv-tooltip').textContent).toContain(
    'Output Node Index 3, Input Node Index 105',
  );
  await send(frame, pointer('pointerleave', 0, 0));
  expect(onHover).toHaveBeenLastCalledWith(null);
  expect(root.querySelector('.lv-tooltip')).toBeNull();
});

test('arrow keys move a cursor that is read out, and stop at the border', async () => {
  const root = await showHeatmap(matrixOf(Float32Array.of(1, 2, 3, 0.1, 5, 6), 2, 3));
  const frame = only(root, '.lv-frame');
  await send(frame, key('ArrowRight'));
  for (const name of ['ArrowDown', 'ArrowDown']) await send(frame, key(name));
  expect(only(root, '[aria-live]').textContent).toBe(
    'Output Node Index 1, Input Node Index 100: 0.1',
  );
  await send(frame, key('End'));
  expect(only(root, '[aria-live]').textContent).toContain('Input Node Index 102: 6');
  await send(frame, key('Escape'));
  expect(only(root, '[aria-live]').textContent).toBe('');
});

test('keys zoom in and show everything again', async () => {
  const root = await showHeatmap(weights);
  const frame = only(root, '.lv-frame');
  const labels = () => root.querySelectorAll('.lv-axis g').length;
  const all = labels();
  await send(frame, key('+'));
  await send(frame, key('+'));
  expect(frame.classList).toContain('lv-frame-zoomed');
  expect(labels()).not.toBe(all);
  await send(frame, key('0'));
  expect(frame.classList).not.toContain('lv-frame-zoomed');
  expect(labels()).toBe(all);
});

test('the wheel zooms, and leaves the page its scrolling where there is nothing to zoom out', async () => {
  const root = await showHeatmap(weights);
  const frame = only(root, '.lv-frame');
  // happy-dom's wheel has no place.
  const wheel = (deltaY: number) =>
    Object.assign(new WheelEvent('wheel', { deltaY, cancelable: true }), {
      clientX: 50,
      clientY: 50,
    });
  const [out, into] = [wheel(100), wheel(-100)];
  await send(frame, out);
  expect(out.defaultPrevented).toBe(false);
  await send(frame, into);
  expect(into.defaultPrevented).toBe(true);
  expect(frame.classList).toContain('lv-frame-zoomed');
});

test('dragging moves a zoomed picture', async () => {
  const onHover = vi.fn();
  const root = await showHeatmap(weights, onHover);
  const frame = only(root, '.lv-frame');
  frame.setPointerCapture = vi.fn();
  for (let i = 0; i < 3; i++) await send(frame, key('+'));
  const readAt = async (x: number) => {
    await send(frame, pointer('pointermove', x, 40));
    const hover: Hover | undefined = onHover.mock.lastCall?.[0];
    return hover?.index[1];
  };
  const before = await readAt(500);
  await send(frame, pointer('pointerdown', 500, 40));
  await send(frame, pointer('pointermove', 300, 40));
  await send(frame, pointer('pointerup', 300, 40));
  expect(before).toBeGreaterThan(0);
  expect(await readAt(300)).toBe(before);
});

test('a single NaN in small cells is pointed at from both sides', async () => {
  const values = Float32Array.from({ length: 300 * 300 }, (_, i) => i);
  values[123 * 300 + 7] = Number.NaN;
  const root = await showHeatmap(matrixOf(values, 300, 300));
  expect(root.querySelectorAll('.lv-non-finite-ticks')).toHaveLength(2);
});

test('nothing to draw is said in words', async () => {
  const root = await showHeatmap(matrixOf(Float32Array.of(), 0, 5));
  expect(root.textContent).toContain('No elements: the shape is 0 × 5.');
});

test('whoever leaves while hovering hovers nothing', async () => {
  const onHover = vi.fn();
  const root = await showHeatmap(weights, onHover);
  await send(only(root, '.lv-frame'), pointer('pointermove', 5, 5));
  expect(onHover).toHaveBeenCalledTimes(1);
  await act(() => render(null, root));
  expect(onHover).toHaveBeenLastCalledWith(null);
});
