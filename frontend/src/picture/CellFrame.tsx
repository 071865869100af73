import type { Placements } from '../gl/compose';
import type { PanelGrid } from '../gl/panelGrid';
import { lineStart, type Placement } from '../gl/pixelAxis';
import type { Cell } from '../gl/rasterize';

/** Where the cells of a picture are. */
export interface CellGeometry {
  readonly grid: PanelGrid;
  readonly view: Placements;
  readonly dpr: number;
}

/** A cell's place in CSS pixels from the picture's corner. */
export interface CellBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function spanOf(placement: Placement, place: number, dpr: number): [start: number, size: number] {
  const { origin, scale } = placement;
  const start = Math.round((place - origin) * scale);
  const end = Math.round((place + 1 - origin) * scale);
  return [start / dpr, Math.max(1, end - start) / dpr];
}

export function cellBox({ grid, view, dpr }: CellGeometry, [row, col]: Cell): CellBox {
  const [top, height] = spanOf(view.rows, lineStart(grid.rows, view.rows.gap, row), dpr);
  const [left, width] = spanOf(view.cols, lineStart(grid.cols, view.cols.gap, col), dpr);
  return { left, top, width, height };
}

/** A frame around one cell; it takes no pixel of the cell itself. */
export function CellFrame(props: CellGeometry & { cell: Cell; class: string }) {
  const { left, top, width, height } = cellBox(props, props.cell);
  return (
    <div
      class={`lv-cell ${props.class}`}
      style={{ left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` }}
    />
  );
}
