import { denseStrides, type NdArray } from '../api/npy';

function reordered<T extends NdArray['values']>(
  source: T,
  sourceStrides: readonly number[],
  shape: readonly number[],
): T {
  const target = source.slice() as T;
  const strides = denseStrides(shape);
  for (let to = 0; to < source.length; to++) {
    const from = strides.reduce((sum, stride, axis) => {
      const index = Math.floor(to / stride) % (shape[axis] ?? 1);
      return sum + index * (sourceStrides[axis] ?? 0);
    }, 0);
    const element = source[from];
    if (element !== undefined) target[to] = element;
  }
  return target;
}

/**
 * The array with the last axis fastest, copied only where it is not so already: what NumPy writes
 * of a transposed array is in Fortran order.
 */
export function cOrdered(array: NdArray): NdArray {
  const { values, shape, parts } = array;
  const strides = denseStrides(shape);
  if (strides.every((stride, axis) => stride === array.strides[axis])) return array;
  const ordered = { ...array, values: reordered(values, array.strides, shape), strides };
  if (parts === undefined) return ordered;
  // The real and the imaginary part are one more axis, the fastest.
  const partStrides = [...array.strides.map(stride => stride * 2), 1];
  return { ...ordered, parts: reordered(parts, partStrides, [...shape, 2]) };
}
