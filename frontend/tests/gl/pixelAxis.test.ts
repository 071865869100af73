import { describe, expect, test } from 'vitest';

import type { PanelAxis } from '../../src/gl/panelGrid';
import {
  axisLength,
  FIELD_COUNT,
  FIELD_FIRST,
  FIELD_SIZE,
  FIELD_START,
  hasSharedPixels,
  keepFlaggedLines,
  lineStart,
  NO_LINE,
  PIXEL_FIELDS,
  type PixelAxis,
  pixelAxis,
} from '../../src/gl/pixelAxis';

const line = (cells: number): PanelAxis => ({ panels: 1, cells, panelStride: 0, cellStride: 1 });
const panels = (count: number, cells: number): PanelAxis => ({
  panels: count,
  cells,
  panelStride: cells,
  cellStride: 1,
});

function field(pixels: PixelAxis, which: number): number[] {
  return Array.from(
    { length: pixels.length / PIXEL_FIELDS },
    (_, x) => pixels[x * PIXEL_FIELDS + which] ?? Number.NaN,
  );
}

describe('cells larger than pixels', () => {
  test('whole sizes give every cell as many pixels', () => {
    const pixels = pixelAxis(line(3), { gap: 0, origin: 0, scale: 2 }, 7);
    expect(field(pixels, FIELD_FIRST)).toEqual([0, 0, 1, 1, 2, 2, NO_LINE]);
    expect(field(pixels, FIELD_START).slice(0, 6)).toEqual([0, 0, 2, 2, 4, 4]);
    expect(field(pixels, FIELD_SIZE).slice(0, 6)).toEqual([2, 2, 2, 2, 2, 2]);
  });

  test('a cell that begins before the picture keeps its own start', () => {
    const pixels = pixelAxis(line(3), { gap: 0, origin: 0.5, scale: 4 }, 4);
    expect(field(pixels, FIELD_FIRST)).toEqual([0, 0, 1, 1]);
    expect(field(pixels, FIELD_START)).toEqual([-2, -2, 2, 2]);
  });

  test('sizes that are not whole differ by one pixel at most and leave no hole', () => {
    const pixels = pixelAxis(line(100), { gap: 0, origin: 0, scale: 1.7 }, 170);
    const sizes = field(pixels, FIELD_SIZE);
    expect(field(pixels, FIELD_FIRST)).not.toContain(NO_LINE);
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([1, 2]);
    expect(new Set(field(pixels, FIELD_FIRST)).size).toBe(100);
  });

  test('panels have gaps between them, and none around', () => {
    const pixels = pixelAxis(panels(3, 2), { gap: 1, origin: 0, scale: 1 }, 9);
    expect(field(pixels, FIELD_FIRST)).toEqual([0, 1, NO_LINE, 2, 3, NO_LINE, 4, 5, NO_LINE]);
    expect(axisLength(panels(3, 2), 1)).toBe(8);
    expect(lineStart(panels(3, 2), 1, 5)).toBe(7);
  });
});

describe('cells smaller than pixels', () => {
  test.each([0.9, 0.5, 0.31, 0.013])('at %f pixels a cell, each has exactly one pixel', scale => {
    const pixels = pixelAxis(line(1000), { gap: 0, origin: 0, scale }, Math.ceil(1000 * scale));
    const seen = new Uint8Array(1000);
    const first = field(pixels, FIELD_FIRST);
    const count = field(pixels, FIELD_COUNT);
    first.forEach((from, x) => {
      for (let i = from; i < from + (count[x] ?? 0); i++) seen[i] = (seen[i] ?? 0) + 1;
    });
    expect(new Set(seen)).toEqual(new Set([1]));
  });

  test('panels begin at the pixels of their places', () => {
    const axis = panels(4, 10);
    const pixels = pixelAxis(axis, { gap: 10, origin: 0, scale: 0.5 }, 40);
    const first = field(pixels, FIELD_FIRST);
    expect(first.slice(0, 12)).toEqual([0, 2, 4, 6, 8, -1, -1, -1, -1, -1, 10, 12]);
    expect(first[30]).toBe(30);
  });
});

test('only pixels with a flagged line keep all of their lines', () => {
  const pixels = pixelAxis(line(12), { gap: 0, origin: 0, scale: 0.25 }, 3);
  const flags = new Uint8Array(12);
  flags[7] = 1;
  const kept = keepFlaggedLines(pixels, flags);
  expect(field(kept, FIELD_FIRST)).toEqual([1, 4, 9]);
  expect(field(kept, FIELD_COUNT)).toEqual([1, 4, 1]);
  expect([hasSharedPixels(pixels), hasSharedPixels(kept)]).toEqual([true, true]);
  expect(hasSharedPixels(keepFlaggedLines(pixels, new Uint8Array(12)))).toBe(false);
});

test('an axis without cells has nothing under its pixels', () => {
  const pixels = pixelAxis(line(0), { gap: 0, origin: 0, scale: 4 }, 2);
  expect(field(pixels, FIELD_FIRST)).toEqual([NO_LINE, NO_LINE]);
});
