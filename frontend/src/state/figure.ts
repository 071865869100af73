import type { NdArray } from '../api/npy';
import type { Matrix } from '../scale/types';
import { type Layout, SAMPLE_AXIS } from './plan';
import type { PictureRequest } from './view';

/** One matrix of a figure. */
export interface FigureMap {
  title: string;
  matrix: Matrix;
  /** Its place along the outer axes: the drawn ones but for rows and columns. */
  index: number[];
}

/** What is drawn of an array: one matrix, or many along outer axes. */
export interface Figure {
  layout: Layout;
  /** Along the outer axes, the last of them fastest. */
  maps: FigureMap[];
  outerAxes: string[];
  outerShape: number[];
  rowAxis: string;
  colAxis: string;
}

/** Where the array's element 0 along the first drawn axis is in the tensor. */
function windowStart(request: PictureRequest): number {
  return request.plan.window?.start ?? 0;
}

/** Filters and channels are counted as people count them; samples by their place in the record. */
function outerTitle(axis: string, index: number): string {
  return `${axis} ${axis === SAMPLE_AXIS ? index : index + 1}`;
}

function places(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (found, extent) =>
      found.flatMap(place => Array.from({ length: extent }, (_, index) => [...place, index])),
    [[]],
  );
}

/**
 * The matrices of an answer, as views of its elements: nothing is copied. The last two drawn axes
 * are rows and columns; an axis of extent 1 among the outer ones is left out of the titles.
 */
export function figureOf(request: PictureRequest, array: NdArray): Figure {
  const { plan, tensor } = request;
  const names = plan.drawn.map(axis => tensor.axes[axis] ?? `Axis ${axis}`);
  const outerCount = Math.max(0, array.shape.length - 2);
  const outerShape = array.shape.slice(0, outerCount);
  const outerAxes = names.slice(0, outerCount);
  const [rows, rowStride] =
    array.shape.length < 2 ? [1, 0] : [array.shape.at(-2) ?? 0, array.strides.at(-2) ?? 0];
  const [cols, colStride] =
    array.shape.length < 1 ? [1, 0] : [array.shape.at(-1) ?? 0, array.strides.at(-1) ?? 0];
  const start = windowStart(request);
  const maps = places(outerShape).map((index): FigureMap => {
    const offset = index.reduce((sum, at, axis) => sum + at * (array.strides[axis] ?? 0), 0);
    const title = index
      .map((at, axis) => outerTitle(outerAxes[axis] ?? '', at + (axis === 0 ? start : 0)))
      .filter((_, axis) => outerShape[axis] !== 1 || outerCount === 1)
      .join(', ');
    return { title, matrix: { values: array.values, rows, cols, offset, rowStride, colStride }, index };
  });
  return {
    layout: plan.layout,
    maps,
    outerAxes,
    outerShape,
    rowAxis: array.shape.length < 2 ? '' : (names.at(-2) ?? ''),
    colAxis: names.at(-1) ?? '',
  };
}
