import { denseStrides } from '../api/npy';
import { placeText, type Wording } from '../scale/format';
import { rowMatrix } from '../scale/matrix';
import type { Matrix } from '../scale/types';
import type { Arrived } from './mapParts';
import type { PictureArray, PictureRequest } from './pictureData';
import type { Layout } from './roles';
import { wordingOf } from './wording';

/** One matrix of a figure. */
export interface FigureMap {
  title: string;
  matrix: Matrix;
  /** Its place along the outer axes: the drawn ones but for rows and columns. */
  index: number[];
  /** Whether its elements are still to come. */
  isPending?: boolean;
}

/** What is drawn of an array: one matrix, or many along outer axes. */
export interface Figure {
  request: PictureRequest;
  array: PictureArray;
  /** The elements of `array` in words. */
  wording: Wording;
  layout: Layout;
  /** Along the outer axes, the last of them fastest. */
  maps: FigureMap[];
  /** All elements that are drawn, as one row in the order of memory. */
  whole: Matrix;
  /** What has come of it so far; null where that is all. */
  partial: Arrived | null;
  outerAxes: FigureAxis[];
  outerShape: number[];
  rowAxis: FigureAxis;
  colAxis: FigureAxis;
  /** Whether rows, and columns, are an axis of the tensor: of one line, one of them is not. */
  hasRows: boolean;
  hasCols: boolean;
}

/** An axis of a picture. Lengths and indices are those of elements. */
export interface FigureAxis {
  title: string;
  /** The index of its first row or column. */
  first: number;
  /** How many elements a row or a column stands for. */
  block: number;
  /** The length of all of the axis. */
  extent: number;
  /** What its one index is called, where it is no axis of the tensor. */
  names?: readonly string[];
}

/** Axes that are counted as people count; all others by their index. */
const FROM_ONE: ReadonlySet<string> = new Set(['Filter', 'Channel', 'Head']);

/** For maps that are counted from one, how that goes with their indices; null for others. */
export function countingWords({ outerAxes, maps }: Figure): string | null {
  const counted = outerAxes.find(({ title, extent }) => FROM_ONE.has(title) && extent > 1);
  return counted === undefined || maps.length < 2 ? null : `${counted.title} 1 is index 0`;
}

function outerTitle({ title, first, block, extent }: FigureAxis, index: number): string {
  const start = first + index * block;
  const last = Math.min(start + block, extent) - 1;
  const counted = [start, last].map(at => at + (FROM_ONE.has(title) ? 1 : 0));
  return placeText(title, last > start ? counted.join('-') : String(counted[0]));
}

/** What is drawn as one line has no axis across it. */
const NO_AXIS: FigureAxis = { title: '', first: 0, block: 1, extent: 1, names: [''] };

function places(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (found, extent) =>
      found.flatMap(place => Array.from({ length: extent }, (_, index) => [...place, index])),
    [[]],
  );
}

/** The length and the stride of an axis of an array; of none, those of a single line. */
function lineOf({ shape, strides }: PictureArray, place: number): [length: number, stride: number] {
  return place < 0 ? [1, 0] : [shape[place] ?? 1, strides[place] ?? 0];
}

/** The map of an array at a place along its outer axes, as a view of its elements. */
function matrixAt(
  array: PictureArray,
  index: readonly number[],
  { hasRows, hasCols }: Pick<Figure, 'hasRows' | 'hasCols'>,
): Matrix {
  const colPlace = hasCols ? array.shape.length - 1 : -1;
  const rowPlace = hasRows ? array.shape.length - (hasCols ? 2 : 1) : -1;
  const [rows, rowStride] = lineOf(array, rowPlace);
  const [cols, colStride] = lineOf(array, colPlace);
  const offset = index.reduce((sum, at, axis) => sum + at * (array.strides[axis] ?? 0), 0);
  return { values: array.values, rows, cols, offset, rowStride, colStride };
}

/**
 * The matrices of an answer, as views of its elements: nothing is copied. An axis of extent 1 among
 * the outer ones is left out of the titles.
 */
export function figureOf(request: PictureRequest, array: PictureArray): Figure {
  const { plan, tensor } = request;
  const axes = plan.drawn.map(
    (axis): FigureAxis => ({
      title: tensor.axes[axis] ?? `Axis ${axis}`,
      first: plan.spans[axis]?.[0] ?? 0,
      block: plan.blocks[axis] ?? 1,
      extent: tensor.shape[axis] ?? 1,
    }),
  );
  const rank = array.shape.length;
  // A tensor of which the rank changed since is drawn as far as its last axes tell.
  const isPlanned = rank === plan.drawn.length;
  const hasCols = isPlanned ? plan.colAxis !== null : rank > 0;
  const hasRows = isPlanned ? plan.rowAxis !== null : rank > 1;
  const colPlace = hasCols ? rank - 1 : -1;
  const rowPlace = hasRows ? rank - (hasCols ? 2 : 1) : -1;
  const outerCount = rank - Number(hasCols) - Number(hasRows);
  const outerShape = array.shape.slice(0, outerCount);
  const outerAxes = axes.slice(0, outerCount);
  const maps = places(outerShape).map((index): FigureMap => {
    const title = index
      .map((at, axis) => outerTitle(outerAxes[axis] ?? NO_AXIS, at))
      .filter((_, axis) => outerShape[axis] !== 1 || outerCount === 1)
      .join(', ');
    return { title, matrix: matrixAt(array, index, { hasRows, hasCols }), index };
  });
  return {
    request,
    array,
    wording: wordingOf(array, plan.plane),
    layout: plan.layout,
    maps,
    whole: rowMatrix(array.values),
    partial: null,
    outerAxes,
    outerShape,
    rowAxis: axes[rowPlace] ?? NO_AXIS,
    colAxis: axes[colPlace] ?? NO_AXIS,
    hasRows,
    hasCols,
  };
}

/** The figure of a gallery of which some maps are still to come. */
export function partialFigureOf(arrived: Arrived): Figure {
  const { request, shape, parts, arrays } = arrived;
  const some = arrays.find(array => array !== undefined);
  const none = { values: new Float32Array(0), dtype: some?.dtype ?? 'f4' };
  const figure = figureOf(request, { ...none, shape: [...shape], strides: denseStrides(shape) });
  const maps = figure.maps.map((map): FigureMap => {
    const [first = 0] = map.index;
    const at = parts.findIndex(({ start, stop }) => first >= start && first < stop);
    const [array, part] = [arrays[at], parts[at]];
    if (array === undefined || part === undefined) return { ...map, isPending: true };
    // Each part has strides of its own, as its elements lie in the order of the tensor's axes.
    const inPart = [first - part.start, ...map.index.slice(1)];
    return { ...map, matrix: matrixAt(array, inPart, figure) };
  });
  return { ...figure, maps, partial: arrived };
}

/** A cell of a map as an index into the drawn axes. */
export function drawnIndex(
  { hasRows, hasCols }: Figure,
  outer: readonly number[],
  [row = 0, col = 0]: readonly number[],
): number[] {
  return [...outer, ...(hasRows ? [row] : []), ...(hasCols ? [col] : [])];
}

/** An index into the drawn axes as the place of its map, and the cell in that map. */
export function mapCellOf(
  { hasRows, hasCols, outerShape }: Figure,
  index: readonly number[],
): { outer: number[]; cell: [row: number, col: number] } {
  const inMap = index.slice(outerShape.length);
  const row = hasRows ? (inMap[0] ?? 0) : 0;
  const col = hasCols ? (inMap.at(-1) ?? 0) : 0;
  return { outer: index.slice(0, outerShape.length), cell: [row, col] };
}
