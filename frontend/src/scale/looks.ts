import type { LookCounts, RGBA } from './types';

/** How many colours a colour map has; codes below this are places in it. */
export const COLOR_COUNT = 256;

/** The codes of the special looks, which follow the colours in every palette. */
export const CODE_NAN = 256;
export const CODE_POS_INF = 257;
export const CODE_NEG_INF = 258;
export const CODE_BELOW = 259;
export const CODE_ABOVE = 260;
export const CODE_COUNT = 261;

export type LookName = Exclude<keyof LookCounts, 'inside'>;

export interface Look {
  readonly name: LookName;
  readonly code: number;
  /** What the legend calls it. */
  readonly label: string;
  readonly color: RGBA;
  /** The colour of the mark that stands in the cell when it is large enough (see `marks.ts`). */
  readonly ink: RGBA;
}

const BLACK: RGBA = [0, 0, 0, 255];
const WHITE: RGBA = [255, 255, 255, 255];

/**
 * The special looks. The colours were searched for: each is at least 0.08 away, in OKLab, from
 * every colour of every map, 0.19 from the other looks, and 0.07 from them as people with each
 * kind of colour blindness see them (a test holds the first two). Warm is high and cold is low.
 */
export const LOOKS: readonly Look[] = [
  { name: 'nan', code: CODE_NAN, label: 'NaN', color: [255, 0, 255, 255], ink: BLACK },
  { name: 'posInf', code: CODE_POS_INF, label: '+Inf', color: [255, 0, 128, 255], ink: WHITE },
  { name: 'negInf', code: CODE_NEG_INF, label: '-Inf', color: [0, 0, 255, 255], ink: WHITE },
  { name: 'below', code: CODE_BELOW, label: 'below', color: [0, 255, 255, 255], ink: BLACK },
  { name: 'above', code: CODE_ABOVE, label: 'above', color: [255, 160, 255, 255], ink: BLACK },
];

/** The code of NaN and of the infinities; 0 of every finite value. */
export function nonFiniteCode(value: number): number {
  if (Number.isFinite(value)) return 0;
  if (Number.isNaN(value)) return CODE_NAN;
  return value > 0 ? CODE_POS_INF : CODE_NEG_INF;
}
