// @vitest-environment happy-dom
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { expect, test, vi } from 'vitest';

import { Gallery } from '../../src/picture/Gallery';
import { KernelGrid } from '../../src/picture/KernelGrid';
import type { GalleryMap } from '../../src/picture/types';
import { matrixOf } from '../../src/scale/matrix';
import { DEFAULT_SETTINGS, resolveScale } from '../../src/scale/scale';
import { key, only, pointer, send, show } from './page';

const values = Float32Array.from({ length: 64 * 12 * 12 }, (_, i) => i);
const maps: GalleryMap[] = Array.from({ length: 64 }, (_, i) => ({
  title: `Filter ${i + 1}`,
  matrix: matrixOf(values, 12, 12, i * 144),
}));
const scale = resolveScale(DEFAULT_SETTINGS, [matrixOf(values, 64, 144)]);
const axes = { rowAxis: { title: 'Row' }, colAxis: { title: 'Column' } };

/** Every band is seen as soon as it is looked at. */
class SeesAll implements IntersectionObserver {
  readonly root = null;
  readonly rootMargin = '';
  readonly scrollMargin = '';
  readonly thresholds = [];
  private readonly callback: IntersectionObserverCallback;

  constructor(callback: IntersectionObserverCallback) {
    this.callback = callback;
  }

  observe(target: Element): void {
    const entry = { isIntersecting: true, target } as unknown as IntersectionObserverEntry;
    this.callback([entry], this);
  }

  unobserve(): void {}
  disconnect(): void {}
  takeRecords(): IntersectionObserverEntry[] {
    return [];
  }
}

test('every map is a titled figure, of which one is a stop of the Tab key', async () => {
  const root = await show(<Gallery maps={maps} scale={scale} {...axes} />);
  const figures = [...root.querySelectorAll<HTMLElement>('figure')];
  expect(figures).toHaveLength(64);
  expect(figures.map(figure => figure.textContent)).toEqual(maps.map(map => map.title));
  expect(figures[9]?.getAttribute('aria-label')).toBe('Filter 10, 12 by 12');
  expect(figures.filter(figure => figure.tabIndex === 0)).toEqual([figures[0]]);
});

test('arrow keys go from map to map, and Enter opens one', async () => {
  const onOpen = vi.fn();
  const root = await show(<Gallery maps={maps} scale={scale} {...axes} onOpen={onOpen} />);
  const tops = [...root.querySelectorAll('figure')].map(figure => figure.style.top);
  const inRow = tops.filter(top => top === tops[0]).length;
  const press = (name: string) => send(document.activeElement ?? root, key(name));
  root.querySelector<HTMLElement>('figure')?.focus();
  for (const name of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'Enter']) await press(name);
  expect(onOpen).toHaveBeenLastCalledWith(1 + 2 * inRow);
  for (const name of ['End', 'ArrowRight', 'Enter']) await press(name);
  expect(onOpen).toHaveBeenLastCalledWith(63);
});

test('one map stays a stop of the Tab key where fewer are left', async () => {
  const root = await show(<Gallery maps={maps} scale={scale} {...axes} />);
  root.querySelector<HTMLElement>('figure')?.focus();
  await send(document.activeElement ?? root, key('End'));
  await act(() => render(<Gallery maps={maps.slice(0, 3)} scale={scale} {...axes} />, root));
  const figures = [...root.querySelectorAll<HTMLElement>('figure')];
  expect(figures.map(figure => figure.tabIndex)).toEqual([-1, -1, 0]);
});

test('the pointer reads map, row and column, and a click opens the map', async () => {
  vi.stubGlobal('IntersectionObserver', SeesAll);
  const onHover = vi.fn();
  const onOpen = vi.fn();
  const root = await show(
    <Gallery maps={maps} scale={scale} {...axes} onHover={onHover} onOpen={onOpen} />,
  );
  const figure = root.querySelector<HTMLElement>('[data-map="10"]');
  const canvas = root.querySelector('canvas');
  if (figure === null || canvas === null) throw new Error('expected a map and its canvas');
  const shared = figure.parentElement?.style.getPropertyValue('--lv-map-width') ?? '';
  const cell = Number.parseFloat(shared) / 12;
  const [left, top] = [figure.style.left, figure.style.top].map(Number.parseFloat);
  // Row 2, column 3 of the map, below its title of 20 pixels.
  const place = { x: (left ?? 0) + 3.5 * cell, y: (top ?? 0) + 20 + 2.5 * cell };
  const event = pointer('pointermove', place.x, place.y);
  Object.defineProperties(event, { offsetX: { value: place.x }, offsetY: { value: place.y } });
  await send(canvas, event);
  expect(onHover).toHaveBeenLastCalledWith({
    index: [10, 2, 3],
    value: 10 * 144 + 2 * 12 + 3,
    valueText: '1467',
    where: 'Filter 11, Row 2, Column 3',
    text: 'Filter 11, Row 2, Column 3: 1467',
  });
  const click = new MouseEvent('click', { bubbles: true });
  Object.defineProperties(click, { offsetX: { value: place.x }, offsetY: { value: place.y } });
  await send(canvas, click);
  expect(onOpen).toHaveBeenLastCalledWith(10);
});

test('no maps are said in words', async () => {
  const root = await show(<Gallery maps={[]} scale={scale} {...axes} />);
  expect(root.textContent).toContain('No elements');
});

const kernelAxes = {
  outAxis: { title: 'Output Channel' },
  inAxis: { title: 'Input Channel' },
  rowAxis: { title: 'Row' },
  colAxis: { title: 'Column' },
};

test('kernels name both of their channels, and are read by all four indices', async () => {
  const onHover = vi.fn();
  const shape = [6, 4, 3, 3] as const;
  const kernels = { values, offset: 7, shape };
  const root = await show(
    <KernelGrid kernels={kernels} scale={scale} {...kernelAxes} onHover={onHover} />,
  );
  const titles = [...root.querySelectorAll('.lv-axis-title')].map(title => title.textContent);
  // As in the weight of a linear layer: down, then right.
  expect(titles).toEqual(['Output Channel', 'Input Channel']);
  const frame = only(root, '.lv-frame');
  const cell = Number.parseFloat(frame.style.width) / (4 * 4 - 1);
  // Output channel 5, input channel 2, row 1, column 2.
  await send(frame, pointer('pointermove', (2 * 4 + 2.5) * cell, (5 * 4 + 1.5) * cell));
  const address = 7 + ((5 * 4 + 2) * 3 + 1) * 3 + 2;
  expect(onHover).toHaveBeenLastCalledWith(
    expect.objectContaining({ index: [5, 2, 1, 2], value: address }),
  );
});

test('kernels of one input channel are a gallery, of which a kernel is opened', async () => {
  const onOpen = vi.fn();
  const kernels = { values, offset: 0, shape: [32, 1, 3, 3] as const };
  const root = await show(
    <KernelGrid kernels={kernels} scale={scale} {...kernelAxes} onOpen={onOpen} />,
  );
  const figures = root.querySelectorAll('figure');
  expect(figures).toHaveLength(32);
  expect(figures[31]?.textContent).toBe('Output Channel 31');
  figures[0]?.focus();
  for (const name of ['ArrowRight', 'Enter']) await send(document.activeElement ?? root, key(name));
  expect(onOpen).toHaveBeenLastCalledWith(1);
});
