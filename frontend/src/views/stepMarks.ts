/** The geometry of the step bar: every recorded step has the same distance from the next. */

export const TRACK_HEIGHT_PX = 40;
const MARGIN_PX = 8;
const BASE_Y = 24;
const MARK_TOP_Y = { all: 14, short: 14, long: 6 } as const;
const LABEL_DISTANCE_PX = 90;

/** Where the step at `index` is, in CSS pixels from the left. */
export function placeOf(index: number, count: number, width: number): number {
  const room = width - 2 * MARGIN_PX;
  return MARGIN_PX + (count < 2 ? room / 2 : (index / (count - 1)) * room);
}

/** The index of the step nearest to a place. */
export function indexAt(x: number, count: number, width: number): number {
  const room = Math.max(1, width - 2 * MARGIN_PX);
  const index = Math.round(((x - MARGIN_PX) / room) * (count - 1));
  return Math.max(0, Math.min(index, count - 1));
}

/**
 * The marks of all steps, or of those in `only`, as one SVG path. Steps that fall on one pixel
 * have one mark.
 */
export function markPath(
  steps: readonly number[],
  width: number,
  size: keyof typeof MARK_TOP_Y,
  only?: ReadonlySet<number>,
): string {
  let path = '';
  let before = Number.NaN;
  steps.forEach((step, index) => {
    if (only !== undefined && !only.has(step)) return;
    const x = Math.round(placeOf(index, steps.length, width)) + 0.5; // a crisp line of one pixel
    if (x === before) return;
    before = x;
    path += `M${x} ${MARK_TOP_Y[size]}V${BASE_Y}`;
  });
  return path;
}

/** A step number below the marks. */
export interface StepLabel {
  index: number;
  x: number;
  text: string;
  anchor: 'start' | 'middle' | 'end';
}

/** The least of 1, 2, 5, 10, 20, ... that is at least `least`. */
function niceStride(least: number): number {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) if (digit * power >= least) return digit * power;
  }
}

/** The first and the last step, and as many between as have room. */
export function labelledSteps(steps: readonly number[], width: number): StepLabel[] {
  const last = steps.length - 1;
  if (last < 0) return [];
  const room = Math.max(1, Math.floor(width / LABEL_DISTANCE_PX));
  const stride = niceStride(last / room);
  const indices = [];
  // The last is always named; one that would stand in its way is not.
  for (let index = 0; index + stride / 2 < last; index += stride) indices.push(index);
  indices.push(last);
  return indices.map(index => ({
    index,
    x: placeOf(index, steps.length, width),
    text: String(steps[index]),
    anchor: last === 0 ? 'middle' : index === 0 ? 'start' : index === last ? 'end' : 'middle',
  }));
}
