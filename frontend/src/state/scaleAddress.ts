import { DEFAULT_PERCENTILES } from '../scale/scale';
import { COLOR_MAP_NAMES, RANGE_MODES, type ScaleSettings, TRANSFORMS } from '../scale/types';
import { memberOf } from './member';

/** A bound of a fixed range: a number, or empty for one that is taken from the data. */
function parseBound(text: string | undefined): number {
  return text === undefined || text === '' ? Number.NaN : Number(text);
}

/** Two percentiles as `5-95`; those of the default where it is not that. */
function parsePercentiles(text = ''): ScaleSettings['percentiles'] {
  const [low = '', high = ''] = text.split('-');
  const isOne = (end: string) => end !== '' && Number(end) >= 0 && Number(end) <= 100;
  const isBoth = isOne(low) && isOne(high) && Number(low) <= Number(high);
  return isBoth ? [Number(low), Number(high)] : DEFAULT_PERCENTILES;
}

/** A colour scale in a link: `-RdBu~symmetric~linear~~`; undefined where it is none. */
export function parseScale(text: string): ScaleSettings | undefined {
  const [mapText, modeText, transformText, lo, hi, percentilesText] = text.split('~');
  const reversed = mapText?.startsWith('-') ?? false;
  const map = memberOf(COLOR_MAP_NAMES, reversed ? mapText?.slice(1) : mapText);
  const mode = memberOf(RANGE_MODES, modeText);
  const transform = memberOf(TRANSFORMS, transformText);
  if (!map || !mode || !transform) return undefined;
  const percentiles = parsePercentiles(percentilesText);
  return { map, reversed, mode, transform, fixed: [parseBound(lo), parseBound(hi)], percentiles };
}

export function scaleText({
  map,
  reversed,
  mode,
  transform,
  fixed,
  percentiles,
}: ScaleSettings): string {
  const bounds = fixed.map(bound => (Number.isFinite(bound) ? String(bound) : ''));
  const isDefault = String(percentiles) === String(DEFAULT_PERCENTILES);
  const ends = isDefault ? [] : [percentiles.join('-')];
  return [`${reversed ? '-' : ''}${map}`, mode, transform, ...bounds, ...ends].join('~');
}
