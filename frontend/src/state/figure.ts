import type { Wording } from '../scale/format';
import type { Matrix } from '../scale/types';
import type { PictureArray, PictureRequest } from './pictureData';
import { type Layout, SAMPLE_AXIS } from './plan';
import { wordingOf } from './wording';

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
  array: PictureArray;
  /** The elements of `array` in words. */
  wording: Wording;
  layout: Layout;
  /** Along the outer axes, the last of them fastest. */
  maps: FigureMap[];
  outerAxes: FigureAxis[];
  outerShape: number[];
  rowAxis: FigureAxis;
  colAxis: FigureAxis;
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
}

/** Filters and channels are counted as people count them; samples by their place in the record. */
function outerTitle({ title, first }: FigureAxis, index: number): string {
  return `${title} ${first + index + (title === SAMPLE_AXIS ? 0 : 1)}`;
}

const NO_AXIS: FigureAxis = { title: '', first: 0, block: 1, extent: 1 };

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
export function figureOf(request: PictureRequest, array: PictureArray): Figure {
  const { plan, tensor } = request;
  const axes = plan.drawn.map((axis, place): FigureAxis => {
    const block = plan.blocks[axis] ?? 1;
    return {
      title: tensor.axes[axis] ?? `Axis ${axis}`,
      first: place === 0 ? (plan.window?.start ?? 0) * block : 0,
      block,
      extent: tensor.shape[axis] ?? 1,
    };
  });
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
    wording: wordingOf(array, plan.plane),
    layout: plan.layout,
    maps,
    outerAxes,
    outerShape,
    rowAxis: (array.shape.length < 2 ? undefined : axes.at(-2)) ?? NO_AXIS,
    colAxis: axes.at(-1) ?? NO_AXIS,
  };
}
