import { denseStrides, type NdArray } from '../api/npy';
import type { Tensor } from '../contract/messages';
import type { Matrix } from '../scale/types';
import { type Layout, type Plan, SAMPLE_AXIS } from './plan';

/** A request for a picture: everything that its labels need travels with it. */
export interface PictureRequest {
  run: string;
  generation: string;
  step: number;
  tensor: Tensor;
  plan: Plan;
}

/** One matrix of a figure. */
export interface FigureMap {
  title: string;
  matrix: Matrix;
  /** Its place along the outer axes: the drawn ones but for rows and columns. */
  index: number[];
}

/** What is drawn of an array: one matrix, or many along outer axes. */
export interface Figure {
  request: PictureRequest;
  /** C-ordered. */
  array: NdArray;
  layout: Layout;
  /** Along the outer axes, the last of them fastest. */
  maps: FigureMap[];
  outerAxes: FigureAxis[];
  outerShape: number[];
  rowAxis: FigureAxis;
  colAxis: FigureAxis;
}

/** An axis of a picture: its title, and the index of its first row or column. */
export interface FigureAxis {
  title: string;
  first: number;
}

function reorder(
  source: ArrayLike<number | bigint>,
  sourceStrides: readonly number[],
  target: { [index: number]: number | bigint },
  targetStrides: readonly number[],
  shape: readonly number[],
): void {
  for (let to = 0; to < source.length; to++) {
    const from = targetStrides.reduce((sum, stride, axis) => {
      const index = Math.floor(to / stride) % (shape[axis] ?? 1);
      return sum + index * (sourceStrides[axis] ?? 0);
    }, 0);
    const element = source[from];
    if (element !== undefined) target[to] = element;
  }
}

/**
 * The array with the last axis fastest, copied only where it is not so already: what NumPy writes
 * of a transposed array is in Fortran order.
 */
export function cOrdered(array: NdArray): NdArray {
  const strides = denseStrides(array.shape);
  if (strides.every((stride, axis) => stride === array.strides[axis])) return array;
  const values = array.values.slice();
  reorder(array.values, array.strides, values, strides, array.shape);
  return { ...array, values, strides };
}

/** Filters and channels are counted as people count them; samples by their place in the record. */
function outerTitle({ title, first }: FigureAxis, index: number): string {
  return `${title} ${first + index + (title === SAMPLE_AXIS ? 0 : 1)}`;
}

const NO_AXIS: FigureAxis = { title: '', first: 0 };

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
export function figureOf(request: PictureRequest, answer: NdArray): Figure {
  const { plan, tensor } = request;
  const array = cOrdered(answer);
  const axes = plan.drawn.map(
    (axis, place): FigureAxis => ({
      title: tensor.axes[axis] ?? `Axis ${axis}`,
      first: place === 0 ? (plan.window?.start ?? 0) : 0,
    }),
  );
  const outerCount = Math.max(0, array.shape.length - 2);
  const outerShape = array.shape.slice(0, outerCount);
  const outerAxes = axes.slice(0, outerCount);
  const [rows, rowStride] =
    array.shape.length < 2 ? [1, 0] : [array.shape.at(-2) ?? 0, array.strides.at(-2) ?? 0];
  const [cols, colStride] =
    array.shape.length < 1 ? [1, 0] : [array.shape.at(-1) ?? 0, array.strides.at(-1) ?? 0];
  const maps = places(outerShape).map((index): FigureMap => {
    const offset = index.reduce((sum, at, axis) => sum + at * (array.strides[axis] ?? 0), 0);
    const title = index
      .map((at, axis) => outerTitle(outerAxes[axis] ?? NO_AXIS, at))
      .filter((_, axis) => outerShape[axis] !== 1 || outerCount === 1)
      .join(', ');
    return {
      title,
      matrix: { values: array.values, rows, cols, offset, rowStride, colStride },
      index,
    };
  });
  return {
    request,
    array,
    layout: plan.layout,
    maps,
    outerAxes,
    outerShape,
    rowAxis: (array.shape.length < 2 ? undefined : axes.at(-2)) ?? NO_AXIS,
    colAxis: axes.at(-1) ?? NO_AXIS,
  };
}
