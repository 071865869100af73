import type { NdArray } from '../api/npy';
import { TEXT } from './sampleArrays';
import type { SampleRow } from './sampleRow';

/**
 * How far two arrays are apart: norm(a - b) / sqrt(norm(a)^2 + norm(b)^2), as the route `apart` has
 * it; 0 of equals, 1 of what has nothing in common; NaN where either is not finite, or both are zero.
 */
export function apartness(a: NdArray['values'], b: NdArray['values']): number {
  let [apart, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [Number(a[i]), Number(b[i])];
    apart += (x - y) ** 2;
    ofA += x * x;
    ofB += y * y;
  }
  return Math.sqrt(apart / (ofA + ofB));
}

function shareThatDiffers(a: NdArray['values'], b: NdArray['values']): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) count += a[i] === b[i] ? 0 : 1;
  return a.length === 0 ? Number.NaN : count / a.length;
}

/** Whether numbers stand for things, as tokens do: that they are near says nothing. */
function areTokens({ dtype, shape }: NdArray): boolean {
  return /^[iub]/.test(dtype) && shape.length < 2;
}

/** How far the inputs of two samples are apart; NaN where that cannot be told. */
export function inputDistance(a: NdArray | null, b: NdArray | null): number {
  if (a === null || b === null || String(a.shape) !== String(b.shape)) return Number.NaN;
  // That two texts have the same letters at the same places says nothing.
  if (a.dtype === TEXT) return Number.NaN;
  return areTokens(a) ? shareThatDiffers(a.values, b.values) : apartness(a.values, b.values);
}

/** A sample that was answered right, to hold a wrong one against. */
export interface Counterpart {
  readonly row: SampleRow;
  /** Between the inputs; NaN where it was chosen by the model's confidence instead. */
  readonly distance: number;
  /** Whether it has the target of the wrong one. */
  readonly sameTarget: boolean;
  /** What the distance is, in words. */
  readonly measure: string;
}

function measureOf(row: SampleRow): string {
  if (row.input === null || row.input.dtype === TEXT) return 'the one of which the model is surest';
  return areTokens(row.input)
    ? 'the share of positions at which the inputs differ'
    : 'norm(a - b) / sqrt(norm(a)² + norm(b)²) of the inputs';
}

/**
 * The right sample of the same target whose input is nearest to that of a wrong one. Where no
 * distance can be told, that of which the model is surest; where none has its target, of all.
 */
export function nearestRight(rows: readonly SampleRow[], wrong: SampleRow): Counterpart | null {
  const right = rows.filter(row => row.verdict.isRight === true);
  const target = String(wrong.verdict.target);
  const like = right.filter(row => String(row.verdict.target) === target);
  const candidates = (like.length > 0 ? like : right).map(row => ({
    row,
    distance: inputDistance(row.input, wrong.input),
  }));
  /** Beyond any distance. */
  const unknown = 10;
  const rank = ({ row, distance }: { row: SampleRow; distance: number }) =>
    Number.isNaN(distance) ? unknown - (row.verdict.confidence ?? 0) : distance;
  const [first] = candidates.sort((a, b) => rank(a) - rank(b));
  return first === undefined
    ? null
    : { ...first, sameTarget: like.length > 0, measure: measureOf(wrong) };
}
