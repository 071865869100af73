// @vitest-environment happy-dom
import { expect, test } from 'vitest';

import { ValueTable } from '../../src/picture/ValueTable';
import { windowOf } from '../../src/picture/virtual';
import { matrixOf } from '../../src/scale/matrix';
import { only, send, show } from './page';

const axes = { rowAxis: { title: 'Row' }, colAxis: { title: 'Column', first: 10 } };

function rowsOf(root: HTMLElement): (string | null)[][] {
  return [...root.querySelectorAll('tbody tr')].map(row =>
    [...row.querySelectorAll('th, td')].map(cell => cell.textContent),
  );
}

test('the exact values stand beside their indices', async () => {
  const values = Float32Array.of(0.1, -1, Number.NaN, 1e-9);
  const root = await show(<ValueTable matrix={matrixOf(values, 2, 2)} {...axes} />);
  expect(rowsOf(root)).toEqual([
    ['0', '0.1', '-1'],
    ['1', 'NaN', '1e-9'],
  ]);
  const heads = [...root.querySelectorAll('thead th')].map(head => head.textContent);
  expect(heads).toEqual(['10', '11']);
  expect(root.querySelectorAll('.lv-non-finite')).toHaveLength(1);
});

test('a large table holds only what is seen, and scrolls to its last element', async () => {
  const matrix = matrixOf(new Float32Array(3000 * 2000).fill(7), 3000, 2000);
  const root = await show(<ValueTable matrix={matrix} {...axes} />);
  expect(root.querySelectorAll('td').length).toBeLessThan(500);
  const table = only(root, '.lv-table');
  table.scrollTop = 1e9;
  table.scrollLeft = 1e9;
  await send(table, new Event('scroll'));
  expect(rowsOf(root).at(-1)?.[0]).toBe('2999');
  expect([...root.querySelectorAll('thead th')].at(-1)?.textContent).toBe('2009');
});

test('a window begins with a whole item and ends with the list', () => {
  expect(windowOf(100, 10, 45, 0)).toEqual({ length: 1000, first: 0, end: 5 });
  expect(windowOf(100, 10, 45, 204)).toEqual({ length: 1000, first: 20, end: 25 });
  expect(windowOf(100, 10, 45, 955)).toEqual({ length: 1000, first: 96, end: 100 });
  expect(windowOf(2, 10, 45, 0)).toEqual({ length: 20, first: 0, end: 2 });
  expect(windowOf(0, 10, 45, 0)).toEqual({ length: 0, first: 0, end: 0 });
});

test('a list that is longer than browsers scroll is compressed, its ends in reach', () => {
  const [count, size, viewport] = [16_000_000, 24, 480];
  const { length } = windowOf(count, size, viewport, 0);
  expect(length).toBeLessThan(17_000_000);
  expect(windowOf(count, size, viewport, 0).first).toBe(0);
  expect(windowOf(count, size, viewport, length - viewport).end).toBe(count);
  const middle = windowOf(count, size, viewport, (length - viewport) / 2).first;
  expect(middle / count).toBeCloseTo(0.5, 3);
});
