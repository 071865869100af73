import {
  interpolateBrBG,
  interpolateCividis,
  interpolateGreys,
  interpolateInferno,
  interpolateMagma,
  interpolatePlasma,
  interpolatePuOr,
  interpolateRdBu,
  interpolateTurbo,
  interpolateViridis,
} from 'd3-scale-chromatic';

import { CODE_COUNT, COLOR_COUNT, LOOKS } from './looks';
import type { ColorMapName } from './types';

type Interpolator = (t: number) => string;

/** Plotly's `Earth`: six colours at even distances, linear in sRGB between them. */
const EARTH_STOPS: readonly (readonly [number, number, number])[] = [
  [0, 0, 130],
  [0, 180, 180],
  [40, 210, 40],
  [230, 230, 50],
  [120, 70, 20],
  [255, 255, 255],
];

function interpolateEarth(t: number): string {
  const place = t * (EARTH_STOPS.length - 1);
  const below = Math.min(Math.floor(place), EARTH_STOPS.length - 2);
  const from = EARTH_STOPS[below] ?? [0, 0, 0];
  const to = EARTH_STOPS[below + 1] ?? from;
  const mixed = from.map(
    (channel, i) => channel + ((to[i] ?? channel) - channel) * (place - below),
  );
  return `rgb(${mixed.map(Math.round).join(', ')})`;
}

const INTERPOLATORS: Record<ColorMapName, Interpolator> = {
  viridis: interpolateViridis,
  inferno: interpolateInferno,
  magma: interpolateMagma,
  plasma: interpolatePlasma,
  cividis: interpolateCividis,
  turbo: interpolateTurbo,
  // Low is dark, as in the other maps of one direction.
  Greys: t => interpolateGreys(1 - t),
  RdBu: interpolateRdBu,
  PuOr: interpolatePuOr,
  BrBG: interpolateBrBG,
  earth: interpolateEarth,
};

function parseColor(text: string): [number, number, number] {
  if (text.startsWith('#')) {
    const packed = Number.parseInt(text.slice(1), 16);
    return [packed >> 16, (packed >> 8) & 255, packed & 255];
  }
  const [red = 0, green = 0, blue = 0] = (text.match(/\d+/g) ?? []).map(Number);
  return [red, green, blue];
}

function buildTable(name: ColorMapName): Uint8Array {
  const table = new Uint8Array(COLOR_COUNT * 4);
  for (let i = 0; i < COLOR_COUNT; i++) {
    const color = parseColor(INTERPOLATORS[name](i / (COLOR_COUNT - 1)));
    table.set([...color, 255], i * 4);
  }
  return table;
}

const tables = new Map<ColorMapName, Uint8Array>();

/** The 256 colours of a map as RGBA bytes, from the one for low values to the one for high. */
export function colorTable(name: ColorMapName): Uint8Array {
  let table = tables.get(name);
  if (table === undefined) {
    table = buildTable(name);
    tables.set(name, table);
  }
  return table;
}

const palettes = new Map<string, Uint8Array>();

/**
 * The RGBA bytes of every code: 256 colours, then the special looks. The same array comes back
 * for the same arguments, so that a renderer may tell by identity what it has uploaded.
 */
export function buildPalette(name: ColorMapName, reversed: boolean): Uint8Array {
  const key = `${name}/${reversed}`;
  let palette = palettes.get(key);
  if (palette === undefined) {
    const table = colorTable(name);
    palette = new Uint8Array(CODE_COUNT * 4);
    for (let i = 0; i < COLOR_COUNT; i++) {
      const from = (reversed ? COLOR_COUNT - 1 - i : i) * 4;
      palette.set(table.subarray(from, from + 4), i * 4);
    }
    for (const look of LOOKS) palette.set(look.color, look.code * 4);
    palettes.set(key, palette);
  }
  return palette;
}
