import { expect, test } from 'vitest';

import { buildPalette, colorTable } from '../../src/scale/colorMaps';
import { LOOKS } from '../../src/scale/looks';
import { COLOR_MAP_NAMES, type ColorMapName } from '../../src/scale/types';

function colorAt(name: ColorMapName, place: number): number[] {
  return [...colorTable(name).subarray(place * 4, place * 4 + 3)];
}

/** sRGB bytes to OKLab: Björn Ottosson, "A perceptual color space for image processing" (2020). */
function okLab(color: readonly number[]): [number, number, number] {
  const [r = 0, g = 0, b = 0] = color.slice(0, 3).map(byte => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function distance(a: readonly number[], b: readonly number[]): number {
  const [from, to] = [okLab(a), okLab(b)];
  return Math.hypot(from[0] - to[0], from[1] - to[1], from[2] - to[2]);
}

// The ends as matplotlib 3.10 gives them: `(np.array(plt.get_cmap(name)([0, 255])) * 255).round()`.
test.each([
  ['viridis', [68, 1, 84], [253, 231, 37]],
  ['inferno', [0, 0, 4], [252, 255, 164]],
  ['magma', [0, 0, 4], [252, 253, 191]],
  ['plasma', [13, 8, 135], [240, 249, 33]],
] as const)('%s begins and ends as everywhere', (name, low, high) => {
  expect(colorAt(name, 0)).toEqual(low);
  expect(colorAt(name, 255)).toEqual(high);
});

test('RdBu goes from red over white to blue', () => {
  const [lowRed = 0, , lowBlue = 0] = colorAt('RdBu', 0);
  const [highRed = 0, , highBlue = 0] = colorAt('RdBu', 255);
  expect(lowRed).toBeGreaterThan(lowBlue);
  expect(highBlue).toBeGreaterThan(highRed);
  expect(Math.min(...colorAt('RdBu', 128))).toBeGreaterThan(230);
});

test("earth has Plotly's six colours at even distances", () => {
  expect([0, 51, 102, 153, 204, 255].map(place => colorAt('earth', place))).toEqual([
    [0, 0, 130],
    [0, 180, 180],
    [40, 210, 40],
    [230, 230, 50],
    [120, 70, 20],
    [255, 255, 255],
  ]);
});

test('reversing turns the colours around and leaves the special looks', () => {
  const palette = buildPalette('viridis', false);
  const reversed = buildPalette('viridis', true);
  expect([...reversed.subarray(0, 4)]).toEqual([...palette.subarray(255 * 4, 256 * 4)]);
  expect([...reversed.subarray(256 * 4)]).toEqual([...palette.subarray(256 * 4)]);
});

test.each(COLOR_MAP_NAMES)('no special look is a colour of %s, or near one', name => {
  for (const look of LOOKS) {
    for (let place = 0; place < 256; place++) {
      expect(distance(look.color, colorAt(name, place))).toBeGreaterThan(0.08);
    }
  }
});

test('the special looks are far from each other', () => {
  for (const a of LOOKS) {
    for (const b of LOOKS) {
      if (a !== b) expect(distance(a.color, b.color)).toBeGreaterThan(0.18);
    }
  }
});
