import { formatShort } from './format';
import { spreadOf } from './transform';
import type { Scale } from './types';

/** A tick on a colour bar: its place from 0 (low end) to 1 (high end). */
export interface Tick {
  readonly place: number;
  readonly value: number;
  readonly label: string;
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find(candidate => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/**
 * Round numbers from `lo` to `hi` (finite, `lo` < `hi`), ascending, at most about `count` of them.
 * Multiples are rounded to the digits of the step: 3 * 0.1 is 0.3 here.
 */
export function linearTicks(lo: number, hi: number, count: number): number[] {
  const step = niceStep(hi / count - lo / count);
  if (!(step > 0 && Number.isFinite(step))) return [lo, hi];
  // Of neighbours among the numbers: multiples of the step can no longer be counted.
  if (Math.max(-lo, hi) / step > Number.MAX_SAFE_INTEGER) return [lo, hi];
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  const ticks: number[] = [];
  const last = Math.floor(hi / step + 1e-9);
  for (let i = Math.ceil(lo / step - 1e-9); i <= last; i++) {
    const exact = i * step;
    const rounded = decimals <= 100 ? Number(exact.toFixed(decimals)) : exact;
    ticks.push(rounded === 0 ? 0 : rounded);
  }
  return ticks;
}

/** Powers of ten from `lo` to `hi` (both above zero), thinned to at most about `count`. */
function decadeTicks(lo: number, hi: number, count: number): number[] {
  const from = Math.ceil(Math.log10(lo) - 1e-9);
  const to = Math.floor(Math.log10(hi) + 1e-9);
  const every = Math.max(1, Math.ceil((to - from + 1) / count));
  const ticks: number[] = [];
  for (let power = from; power <= to; power += every) ticks.push(Number(`1e${power}`));
  return ticks;
}

function symlogTicks(lo: number, hi: number, count: number): number[] {
  const magnitude = Math.max(-lo, hi);
  const oneSide = decadeTicks(magnitude * 1e-3, magnitude, Math.max(1, Math.floor(count / 2)));
  const both = [...oneSide.map(tick => -tick).reverse(), 0, ...oneSide];
  return both.filter(tick => tick >= lo && tick <= hi);
}

function tickValues(scale: Scale, count: number): number[] {
  const { lo, hi } = scale;
  const { transform } = scale.settings;
  if (transform === 'linear') return linearTicks(lo, hi, count);
  const ticks = transform === 'log' ? decadeTicks(lo, hi, count) : symlogTicks(lo, hi, count);
  return ticks.length >= 2 ? ticks : linearTicks(lo, hi, count);
}

function shareDigits(values: readonly number[]): string[] {
  // As many digits as tell all of them apart: 0.95, 0.96, 0.97 and not 1, 1, 1.
  for (let digits = 3; digits < 17; digits++) {
    const labels = values.map(value => formatShort(value, digits));
    if (new Set(labels).size === values.length) return labels;
  }
  return values.map(String);
}

/** The ticks of a scale's colour bar, ascending; one where all values are the same; none without. */
export function ticks(scale: Scale, count: number): Tick[] {
  const { lo, hi } = scale;
  if (lo === hi) return [{ place: 0.5, value: lo, label: formatShort(lo, 6) }];
  if (!(lo < hi)) return [];
  const { forward } = spreadOf(scale.settings.transform, lo, hi);
  const values = tickValues(scale, count);
  const labels = shareDigits(values);
  return values.map((value, i) => ({
    value,
    place: Math.min(1, Math.max(0, forward(value))),
    label: labels[i] ?? String(value),
  }));
}

/**
 * Which indices of an axis to label: every multiple of a round whole number, from `first` to
 * `last` inclusive, where each index takes `pixelsPerIndex` and each label `labelPixels`.
 */
export function indexTicks(
  first: number,
  last: number,
  pixelsPerIndex: number,
  labelPixels: number,
): number[] {
  if (!(pixelsPerIndex > 0)) return [];
  const step = Math.max(1, Math.round(niceStep(Math.max(1, labelPixels / pixelsPerIndex))));
  const ticks: number[] = [];
  for (let i = Math.ceil(first / step) * step; i <= last; i += step) ticks.push(i);
  return ticks;
}
