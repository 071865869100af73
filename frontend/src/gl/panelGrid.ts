import { asNumbers, type Numbers } from '../scale/matrix';
import type { Matrix, Values } from '../scale/types';

/**
 * One direction of a grid of panels: `panels` of them, each of `cells` cells. Strides are counted
 * in elements of the array. A cell is addressed by `panel * cells + cell`, its line.
 */
export interface PanelAxis {
  readonly panels: number;
  readonly cells: number;
  readonly panelStride: number;
  readonly cellStride: number;
}

/**
 * Equal panels of equal cells over one array: what every picture here is. A matrix is one panel;
 * feature maps are a grid of panels; kernels are out by in channels of them.
 *
 * `panelCount` is how many panels there are in reading order; those behind are blank, as in the
 * last row of a gallery.
 */
export interface PanelGrid {
  readonly values: Values;
  readonly offset: number;
  readonly rows: PanelAxis;
  readonly cols: PanelAxis;
  readonly panelCount: number;
}

/** How many lines of cells an axis has, over all of its panels. */
export function lineCount(axis: PanelAxis): number {
  return axis.panels * axis.cells;
}

/** How far a line's elements lie from those of line 0, in elements. */
export function lineOffset(axis: PanelAxis, line: number): number {
  const panel = Math.floor(line / axis.cells);
  return panel * axis.panelStride + (line - panel * axis.cells) * axis.cellStride;
}

/** Where in the array the cell of a row line and a column line is, or -1 where it is blank. */
export function cellAddress(grid: PanelGrid, rowLine: number, colLine: number): number {
  const panel =
    Math.floor(rowLine / grid.rows.cells) * grid.cols.panels +
    Math.floor(colLine / grid.cols.cells);
  if (panel >= grid.panelCount) return -1;
  return grid.offset + lineOffset(grid.rows, rowLine) + lineOffset(grid.cols, colLine);
}

/** A matrix as a grid of one panel. */
export function gridOfMatrix(matrix: Matrix): PanelGrid {
  return {
    values: matrix.values,
    offset: matrix.offset,
    rows: { panels: 1, cells: matrix.rows, panelStride: 0, cellStride: matrix.rowStride },
    cols: { panels: 1, cells: matrix.cols, panelStride: 0, cellStride: matrix.colStride },
    panelCount: 1,
  };
}

/** Which row lines and which column lines of a grid hold a NaN or an infinity somewhere. */
export interface NonFiniteLines {
  readonly rows: Uint8Array;
  readonly cols: Uint8Array;
}

/** Whether all cells of one panel's row are finite: times zero, what is not is NaN, in any sum. */
function isFiniteLine(values: Numbers, start: number, { cells, cellStride }: PanelAxis): boolean {
  let sum = 0;
  for (let cell = 0, at = start; cell < cells; cell++, at += cellStride) {
    sum += (values[at] as number) * 0;
  }
  return sum === 0;
}

/** Reads every element once; keep the answer with the grid. */
export function findNonFiniteLines(grid: PanelGrid): NonFiniteLines {
  const rows = new Uint8Array(lineCount(grid.rows));
  const cols = new Uint8Array(lineCount(grid.cols));
  const values = asNumbers(grid.values);
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return { rows, cols };
  const colOffsets = Int32Array.from(cols, (_, line) => lineOffset(grid.cols, line));
  for (let row = 0; row < rows.length; row++) {
    for (let col = 0; col < cols.length; ) {
      // All cells of one panel's row are there, or none is.
      const end = col + grid.cols.cells;
      const start = cellAddress(grid, row, col);
      if (start < 0) break;
      const base = start - (colOffsets[col] as number);
      if (isFiniteLine(values, start, grid.cols)) {
        col = end;
        continue;
      }
      for (; col < end; col++) {
        const value = values[base + (colOffsets[col] as number)] as number;
        if (Number.isFinite(value)) continue;
        rows[row] = 1;
        cols[col] = 1;
      }
    }
  }
  return { rows, cols };
}
