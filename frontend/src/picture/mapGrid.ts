import type { PanelGrid } from '../gl/panelGrid';
import { asNumbers } from '../scale/matrix';
import type { Matrix } from '../scale/types';

/** Whether each matrix lies as far behind the one before it, in one array, with the same strides. */
function spacing(matrices: readonly Matrix[]): number | null {
  const [first, second] = matrices;
  if (first === undefined) return null;
  const step = second === undefined ? 0 : second.offset - first.offset;
  const even = matrices.every(
    (matrix, i) =>
      matrix.values === first.values &&
      matrix.rowStride === first.rowStride &&
      matrix.colStride === first.colStride &&
      matrix.offset === first.offset + i * step,
  );
  return even ? step : null;
}

/** Copies of the matrices, one behind the other. */
function packed(matrices: readonly Matrix[], rows: number, cols: number): Float64Array {
  const copy = new Float64Array(matrices.length * rows * cols);
  let at = 0;
  for (const { values, offset, rowStride, colStride } of matrices) {
    const numbers = asNumbers(values);
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++) {
        copy[at++] = numbers[offset + row * rowStride + col * colStride] as number;
      }
    }
  }
  return copy;
}

/**
 * Matrices of one shape as panels of one grid, in reading order, `columns` side by side. Slices
 * of one array, as the feature maps of a layer are, are drawn from where they lie.
 *
 * @throws RangeError where the shapes differ.
 */
export function gridOfMaps(matrices: readonly Matrix[], columns: number): PanelGrid {
  const first = matrices[0];
  const rows = first?.rows ?? 0;
  const cols = first?.cols ?? 0;
  for (const matrix of matrices) {
    if (matrix.rows !== rows || matrix.cols !== cols) {
      throw new RangeError(
        `maps: expected all of ${rows} x ${cols}, received one of ${matrix.rows} x ${matrix.cols}`,
      );
    }
  }
  const step = spacing(matrices);
  const even = step !== null && first !== undefined;
  const mapStride = even ? step : rows * cols;
  return {
    values: even ? first.values : packed(matrices, rows, cols),
    offset: even ? first.offset : 0,
    rows: {
      panels: Math.ceil(matrices.length / columns),
      cells: rows,
      panelStride: columns * mapStride,
      cellStride: even ? first.rowStride : cols,
    },
    cols: {
      panels: columns,
      cells: cols,
      panelStride: mapStride,
      cellStride: even ? first.colStride : 1,
    },
    panelCount: matrices.length,
  };
}
