import { buildPalette } from './colorMaps';
import {
  CODE_ABOVE,
  CODE_BELOW,
  CODE_COUNT,
  CODE_NAN,
  CODE_NEG_INF,
  CODE_POS_INF,
  COLOR_COUNT,
  nonFiniteCode,
} from './looks';
import { asNumbers } from './matrix';
import {
  type BlockExtremes,
  findExtremes,
  findLeastPositive,
  robustBlockRange,
  robustRange,
} from './range';
import { bendOf, edgesOf } from './transform';
import type { LookCounts, Matrix, RGBA, Scale, ScaleSettings } from './types';

/** What is between them is all but the odd outlier. */
export const DEFAULT_PERCENTILES = [1, 99] as const;

/** For outputs, inputs and whatever has no sign of its own. */
export const DEFAULT_SETTINGS: ScaleSettings = {
  map: 'viridis',
  reversed: false,
  mode: 'auto',
  fixed: [Number.NaN, Number.NaN],
  percentiles: DEFAULT_PERCENTILES,
  transform: 'linear',
};

/** For weights, biases and gradients: zero is white, negative blue, positive red. */
export const WEIGHT_SETTINGS: ScaleSettings = {
  ...DEFAULT_SETTINGS,
  map: 'RdBu',
  reversed: true,
  mode: 'symmetric',
};

function resolveRange(
  settings: ScaleSettings,
  matrices: readonly Matrix[],
  blocks: BlockExtremes | null,
): [number, number] {
  const log = settings.transform === 'log';
  if (settings.mode === 'robust') {
    const { percentiles } = settings;
    return blocks === null || log
      ? robustRange(matrices, log, percentiles)
      : robustBlockRange(blocks, percentiles);
  }

  const { min, max } = findExtremes(matrices);
  const least = log ? findLeastPositive(matrices) : min;
  const auto: [number, number] = max >= least ? [least, max] : [Number.NaN, Number.NaN];
  switch (settings.mode) {
    case 'auto':
    case 'steps':
    case 'runs':
      return auto;
    case 'symmetric': {
      // A logarithm has no two sides: there symmetric means no more than auto.
      const magnitude = Math.max(Math.abs(min), Math.abs(max));
      return log || Number.isNaN(auto[0]) ? auto : [-magnitude, magnitude];
    }
    case 'fixed': {
      const usable = (end: number) => Number.isFinite(end) && (end > 0 || !log);
      const lo = usable(settings.fixed[0]) ? settings.fixed[0] : auto[0];
      const hi = usable(settings.fixed[1]) ? settings.fixed[1] : auto[1];
      return lo > hi ? [hi, lo] : [lo, hi];
    }
  }
}

/**
 * The scale that the settings give for these matrices, taken together; `blocks` say more of what
 * they are the extremes of, and `shared` what range the elements have over all steps or runs.
 *
 * Under `log`, values that are not positive have no place: they look as below the range, and no
 * end of the range is taken from them. Ends are NaN where the data has nothing to take them from.
 */
export function resolveScale(
  settings: ScaleSettings,
  matrices: readonly Matrix[],
  blocks: BlockExtremes | null = null,
  shared: readonly [lo: number, hi: number] | null = null,
): Scale {
  const isShared = settings.mode === 'steps' || settings.mode === 'runs';
  const asked: ScaleSettings =
    isShared && shared !== null ? { ...settings, mode: 'fixed', fixed: shared } : settings;
  const [first, second] = resolveRange(asked, matrices, blocks);
  const known = !Number.isNaN(first) && !Number.isNaN(second);
  const lo = known ? first : Number.NaN;
  const hi = known ? second : Number.NaN;
  return {
    settings,
    lo,
    hi,
    edges: edgesOf(settings.transform, lo, hi),
    palette: buildPalette(settings.map, settings.reversed),
  };
}

/** The code of a value's look: its place among the 256 colours, or a special one (`looks.ts`). */
export function codeOf(scale: Scale, value: number): number {
  const special = nonFiniteCode(value);
  if (special > 0) return special;
  if (!(value >= scale.lo)) return CODE_BELOW;
  if (value > scale.hi) return CODE_ABOVE;
  const { edges } = scale;
  let passed = 0;
  for (let step = 128; step > 0; step >>= 1) {
    if ((edges[passed + step - 1] as number) <= value) passed += step;
  }
  return passed;
}

export type Coder = (value: number) => number;

/**
 * `codeOf` for many values of one scale: it guesses the place from the transform, and the edges
 * then decide, so it gives the same codes in less time.
 */
export function coderOf(scale: Scale): Coder {
  const { lo, hi, edges } = scale;
  // Without an extent there is nothing to guess from.
  if (!(lo < hi)) return value => codeOf(scale, value);
  const { bend } = bendOf(scale.settings.transform, lo, hi);
  const from = bend(lo);
  const colorsPerUnit = COLOR_COUNT / (bend(hi) - from);
  return value => {
    if (!(value >= lo && value <= hi)) return codeOf(scale, value);
    const guess = Math.floor((bend(value) - from) * colorsPerUnit);
    let place = guess >= 0 && guess < COLOR_COUNT ? guess : COLOR_COUNT - 1;
    while (place < edges.length && (edges[place] as number) <= value) place++;
    while (place > 0 && (edges[place - 1] as number) > value) place--;
    return place;
  };
}

/** The colour that a code has in a scale's palette. */
export function colorOfCode(scale: Scale, code: number): RGBA {
  const [red = 0, green = 0, blue = 0, alpha = 0] = scale.palette.subarray(code * 4, code * 4 + 4);
  return [red, green, blue, alpha];
}

/** The colour that a value is drawn in. */
export function colorOf(scale: Scale, value: number | bigint): RGBA {
  return colorOfCode(scale, codeOf(scale, Number(value)));
}

/** How many elements of the matrices have which look. */
export function countLooks(scale: Scale, matrices: readonly Matrix[]): LookCounts {
  const counts = new Float64Array(CODE_COUNT);
  let total = 0;
  for (const matrix of matrices) {
    const values = asNumbers(matrix.values);
    const { rows, cols, offset, rowStride, colStride } = matrix;
    const { lo, hi } = scale;
    total += rows * cols;
    for (let row = 0; row < rows; row++) {
      let at = offset + row * rowStride;
      for (let col = 0; col < cols; col++, at += colStride) {
        const value = values[at] as number;
        if (value >= lo && value <= hi) continue;
        counts[codeOf(scale, value)] = (counts[codeOf(scale, value)] as number) + 1;
      }
    }
  }
  const of = (code: number) => counts[code] as number;
  const special = counts.reduce((sum, count) => sum + count, 0);
  return {
    inside: total - special,
    nan: of(CODE_NAN),
    posInf: of(CODE_POS_INF),
    negInf: of(CODE_NEG_INF),
    below: of(CODE_BELOW),
    above: of(CODE_ABOVE),
  };
}
