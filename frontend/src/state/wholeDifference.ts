import type { Client } from '../api/client';
import {
  type Difference,
  DifferenceSums,
  differenceOf,
  Furthest,
  furthest,
  type Pair,
  type Scatter,
  ScatterCounts,
  scatterOf,
} from '../scale/difference';
import { findExtremes } from '../scale/range';
import type { Values } from '../scale/types';
import type { Figure } from './figure';
import { drawableLevels, MAX_ANSWER_ELEMENTS } from './levels';
import { loadPicture, type PictureRequest } from './pictureData';
import { extremesOf, lengthOf, tileRequest } from './tiles';

/** Elements of each side that are held at once: a fraction of a second of work. */
const BAND_ELEMENTS = 1_048_576;
const LISTED = 20;
const SCATTER_CELLS = 96;

/** How two arrays differ: in numbers, where most, and element against element. */
export interface DifferenceReport {
  readonly summary: Difference;
  /** The places are those of the elements in the order of the tensor. */
  readonly furthest: readonly Pair[];
  readonly scatter: Scatter | null;
}

/** The same of two arrays that are there. */
export function reportOf(a: Values, b: Values): DifferenceReport {
  return {
    summary: differenceOf(a, b),
    furthest: furthest(a, b, LISTED),
    scatter: scatterOf(a, b, SCATTER_CELLS),
  };
}

/** Two matrices of which all elements are to be compared. */
export interface WholeRequest {
  a: PictureRequest;
  b: PictureRequest;
  rows: number;
  cols: number;
  /** The least and the greatest finite element of both. */
  ends: readonly [lo: number, hi: number];
}

/** The same matrix as the tensor has it: its elements are read row by row, however it is drawn. */
function upright(request: PictureRequest): PictureRequest {
  const drawn = [...request.plan.drawn].sort((first, second) => first - second);
  const [rowAxis = null, colAxis = null] = drawn;
  return { ...request, plan: { ...request.plan, drawn, rowAxis, colAxis } };
}

/** What of two figures in tiles can be compared element by element; null where elements are not kept. */
export function wholeRequest(a: Figure, b: Figure): WholeRequest | null {
  const { tensor, plan } = a.request;
  const exact = [tensor, b.request.tensor].every(each => drawableLevels(each)[0] === 0);
  const [rowAxis = 0, colAxis = 0] = [...plan.drawn].sort((first, second) => first - second);
  const extremes = [extremesOf(a), extremesOf(b)].flatMap(found => found ?? []);
  if (!exact || extremes.length === 0) return null;
  const { min, max } = findExtremes(extremes);
  return {
    a: upright(a.request),
    b: upright(b.request),
    rows: lengthOf(plan, rowAxis),
    cols: lengthOf(plan, colAxis),
    ends: [min, max],
  };
}

/** Whether it is so little that nobody needs to ask for it. */
export function isQuick({ rows, cols }: WholeRequest): boolean {
  return rows * cols <= MAX_ANSWER_ELEMENTS;
}

/** Reads both matrices from the first row to the last; `onProgress` is told the share that is done. */
export async function compareWhole(
  client: Client,
  { a, b, rows, cols, ends }: WholeRequest,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<DifferenceReport> {
  const sums = new DifferenceSums();
  const apart = new Furthest(LISTED);
  const [lo, hi] = ends;
  const scatter = lo <= hi ? new ScatterCounts(SCATTER_CELLS, lo, hi) : null;
  const bandRows = Math.max(1, Math.floor(BAND_ELEMENTS / Math.max(1, cols)));
  for (let row = 0; row < rows; row += bandRows) {
    onProgress(row / rows);
    const rect = {
      rowStart: row,
      rowStop: Math.min(rows, row + bandRows),
      colStart: 0,
      colStop: cols,
    };
    const [ofA, ofB] = await Promise.all(
      ([a, b] as const).map(side => loadPicture(client, tileRequest(side, 0, rect), signal)),
    );
    if (ofA === undefined || ofB === undefined) break;
    sums.add(ofA.values, ofB.values);
    apart.add(ofA.values, ofB.values, row * cols);
    scatter?.add(ofA.values, ofB.values);
  }
  onProgress(1);
  return { summary: sums.result(), furthest: apart.pairs, scatter: scatter?.scatter ?? null };
}
