import type { Placements } from '../gl/compose';
import { lineCount, type PanelAxis } from '../gl/panelGrid';
import { lineStart, type Placement } from '../gl/pixelAxis';
import type { Cell } from '../gl/rasterize';

/** Where the cells of a picture are. */
export interface CellGeometry {
  readonly rows: PanelAxis;
  readonly cols: PanelAxis;
  readonly view: Placements;
  readonly dpr: number;
}

/** The axes and placements of blocks of elements, out of those of the elements. */
export function blocksOf(
  rows: PanelAxis,
  cols: PanelAxis,
  view: Placements,
  block: number,
): Pick<CellGeometry, 'rows' | 'cols' | 'view'> {
  if (block === 1) return { rows, cols, view };
  const axis = (elements: PanelAxis): PanelAxis => ({
    panels: 1,
    cells: Math.ceil(lineCount(elements) / block),
    panelStride: 0,
    cellStride: 1,
  });
  return { rows: axis(rows), cols: axis(cols), view: inBlocks(view, block) };
}

/** Placements of elements as those of blocks of them. */
export function inBlocks(view: Placements, block: number): Placements {
  const placement = ({ gap, origin, scale }: Placement): Placement => ({
    gap: gap / block,
    origin: origin / block,
    scale: scale * block,
  });
  return { rows: placement(view.rows), cols: placement(view.cols) };
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

export function cellBox({ rows, cols, view, dpr }: CellGeometry, [row, col]: Cell): CellBox {
  const [top, height] = spanOf(view.rows, lineStart(rows, view.rows.gap, row), dpr);
  const [left, width] = spanOf(view.cols, lineStart(cols, view.cols.gap, col), dpr);
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
