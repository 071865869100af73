import { expect, test } from 'vitest';

import { matrixOf } from '../../src/scale/matrix';
import { DEFAULT_SETTINGS, resolveScale } from '../../src/scale/scale';
import { indexTicks, linearTicks, ticks } from '../../src/scale/ticks';
import type { ScaleSettings } from '../../src/scale/types';

function ticksOf(lo: number, hi: number, settings: Partial<ScaleSettings> = {}, count = 5) {
  const matrix = matrixOf(Float64Array.of(lo, hi), 1, 2);
  return ticks(resolveScale({ ...DEFAULT_SETTINGS, ...settings }, [matrix]), count);
}

test('linear ticks are round and inside of the range', () => {
  expect(linearTicks(-0.31, 0.31, 6)).toEqual([-0.2, 0, 0.2]);
  expect(linearTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(linearTicks(1e-9, 4e-9, 3)).toEqual([1e-9, 2e-9, 3e-9, 4e-9]);
  expect(linearTicks(-1.5e308, 1.5e308, 3)).toEqual([-1e308, 0, 1e308]);
});

test('ticks of numbers that hardly differ are some of these', () => {
  // Their next neighbours: multiples of the step between are no numbers of their own.
  expect(linearTicks(1e17, 1e17 + 32, 5)).toEqual([1e17, 1e17 + 32]);
  expect(linearTicks(-(2 ** 63), -(2 ** 63) + 1024, 5)).toEqual([-(2 ** 63), -(2 ** 63) + 1024]);
});

test('ticks stand where their values have their colours', () => {
  expect(ticksOf(0, 10).map(({ place, label }) => [place, label])).toEqual([
    [0, '0'],
    [0.2, '2'],
    [0.4, '4'],
    [0.6, '6'],
    [0.8, '8'],
    [1, '10'],
  ]);
});

test('logarithmic ticks are powers of ten', () => {
  const found = ticksOf(1, 1e4, { transform: 'log' });
  expect(found.map(tick => tick.value)).toEqual([1, 10, 100, 1000, 1e4]);
  expect(found[2]?.place).toBeCloseTo(0.5);
});

test('symlog ticks are the same on both sides of zero', () => {
  const values = ticksOf(-100, 100, { transform: 'symlog' }, 6).map(tick => tick.value);
  expect(values).toContain(0);
  expect(values.map(value => -value || 0).reverse()).toEqual(values);
});

test('neighbouring ticks never have the same label', () => {
  const labels = ticksOf(1000.001, 1000.002).map(tick => tick.label);
  expect(labels.length).toBeGreaterThan(2);
  expect(new Set(labels).size).toBe(labels.length);
});

test('one value has one tick in the middle, and no value has none', () => {
  expect(ticksOf(0.25, 0.25)).toEqual([{ place: 0.5, value: 0.25, label: '0.25' }]);
  expect(ticksOf(Number.NaN, Number.NaN)).toEqual([]);
});

test('labels of indices are round numbers that leave each other room', () => {
  expect(indexTicks(0, 9, 20, 16)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(indexTicks(0, 63, 10, 30)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]);
  expect(indexTicks(7, 31, 10, 95)).toEqual([10, 20, 30]);
  expect(indexTicks(0, 1023, 0.5, 40)).toEqual([
    0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000,
  ]);
});
