import type { Signal } from '@preact/signals';
import { useCallback } from 'preact/hooks';

import { composePicture, nonFiniteLinesOf } from '../gl/compose';
import type { PanelGrid } from '../gl/panelGrid';
import { type Cell, shownCell } from '../gl/rasterize';
import { paint } from '../gl/renderer';
import type { Scale } from '../scale/types';
import type { ViewAxis } from './AxisLabels';
import { drawNumbers, hasRoomForNumbers } from './numbers';
import type { Readout } from './readout';
import type { Scene, SceneOf } from './scene';
import type { OnHover, OnPick } from './types';
import type { Underlay } from './underlay';
import type { Region } from './useView';
import { ViewFrame } from './ViewFrame';

/** Cells from this size on, in CSS pixels, are seen without ticks that point at them. */
const EVIDENT_CELL = 12;

export interface PanelViewProps {
  grid: PanelGrid;
  /** Space between panels, in cells. */
  gap: number;
  /** Whether cells stay square however thin the picture is. */
  square: boolean;
  /** The largest cell before zooming in, in CSS pixels. */
  maxCell: number;
  rowAxis: ViewAxis;
  colAxis: ViewAxis;
  scale: Scale;
  /** Whether its cells always cover all of it: there are no gaps through which the page is seen. */
  isFilled?: boolean;
  title?: string | undefined;
  /** What the element of a cell is called; null where the cell is blank. */
  describe: (cell: Cell) => Readout | null;
  onHover?: OnHover | undefined;
  onPick?: OnPick | undefined;
  selected?: Cell | null | undefined;
  underlay?: Underlay | undefined;
  maxHeight?: number | undefined;
  region?: Signal<Region | null> | undefined;
}

/** A grid of panels over one array. */
export function PanelView({ grid, scale, describe, isFilled, ...frame }: PanelViewProps) {
  const sceneOf: SceneOf = useCallback(
    (view, fit): Scene => {
      const numbers = hasRoomForNumbers(view.cols.scale, view.rows.scale, fit.dpr);
      const picture = composePicture(grid, view, fit.width, fit.height, scale, !numbers);
      const flagged = nonFiniteLinesOf(grid);
      const cellSize = Math.min(view.rows.scale, view.cols.scale);
      const pointAtThem = cellSize < EVIDENT_CELL * fit.dpr && flagged.rows.includes(1);
      return {
        block: 1,
        draw: canvas => {
          paint(canvas, picture, isFilled);
          if (numbers) drawNumbers(canvas, { picture, x: 0, y: 0 }, fit.dpr);
        },
        cellAt: (x, y) => shownCell(picture, x, y),
        describe,
        nonFinite: pointAtThem
          ? {
              rowFlags: flagged.rows,
              colFlags: flagged.cols,
              rows: picture.rows,
              columns: picture.columns,
            }
          : null,
      };
    },
    [grid, scale, describe, isFilled],
  );
  return <ViewFrame {...frame} rows={grid.rows} cols={grid.cols} sceneOf={sceneOf} />;
}
