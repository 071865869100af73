import { useMemo, useRef, useState } from 'preact/hooks';

import { composePicture } from '../gl/compose';
import { lineCount, type PanelGrid } from '../gl/panelGrid';
import { axisLength, lineStart } from '../gl/pixelAxis';
import { type Cell, shownCell } from '../gl/rasterize';
import type { Scale } from '../scale/types';
import { ColLabels, isTitleAbove, RowLabels, rowLabelsWidth, type ViewAxis } from './AxisLabels';
import { CellFrame, type CellGeometry, cellBox } from './CellFrame';
import { cursorAfter, panAfter } from './keys';
import { hasRoomForNumbers } from './numbers';
import { PictureFrame } from './PictureFrame';
import type { Readout } from './readout';
import { Tooltip } from './Tooltip';
import type { OnHover } from './types';
import type { GestureActions } from './useGestures';
import { useReport } from './useReport';
import { useRoom } from './useRoom';
import { useView } from './useView';
import { fitPicture } from './view';
import { ZoomButtons } from './ZoomButtons';

/** What a step of the keyboard or of a button zooms by. */
const ZOOM_STEP = 1.5;
const DEFAULT_MAX_HEIGHT = 640;
/** A picture takes at least this, however little it is given: it can be scrolled to. */
const MIN_HEIGHT = 120;
/** Space right of the picture, so that the last label has room. */
const RIGHT_MARGIN = 16;
/** The title and the zoom buttons have this much room above the smallest picture. */
const MIN_HEAD_WIDTH = 300;
const KEYS = 'Arrow keys read the cells, plus and minus zoom, 0 shows everything.';

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
  title?: string | undefined;
  /** What the element of a cell is called; null where the cell is blank. */
  describe: (cell: Cell) => Readout | null;
  onHover?: OnHover | undefined;
  selected?: Cell | null | undefined;
  maxHeight?: number | undefined;
}

interface Pointed {
  readonly cell: Cell;
  /** In CSS pixels of the window. */
  readonly x: number;
  readonly y: number;
}

/** The lower right corner of a cell in CSS pixels of the window. */
function cellCorner(frame: HTMLElement | null, cell: Cell, geometry: CellGeometry) {
  if (frame === null) return null;
  const origin = frame.getBoundingClientRect();
  const { left, top, width, height } = cellBox(geometry, cell);
  return { x: origin.left + left + width, y: origin.top + top + height };
}

/** A grid of panels with its axes, to be zoomed, panned and read cell by cell. */
export function PanelView(props: PanelViewProps) {
  const { grid, gap, scale, rowAxis, colAxis, describe, onHover, title, selected } = props;
  const [root, room] = useRoom<HTMLElement>();
  const frame = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [cursor, setCursor] = useState<Cell | null>(null);

  const labelsWidth = rowLabelsWidth(grid.rows, rowAxis);
  const width = Math.max(1, room.width - labelsWidth - RIGHT_MARGIN);
  const height = Math.max(MIN_HEIGHT, props.maxHeight ?? DEFAULT_MAX_HEIGHT);
  const fit = useMemo(
    () =>
      fitPicture({
        rowExtent: axisLength(grid.rows, gap),
        colExtent: axisLength(grid.cols, gap),
        gap,
        width,
        height,
        maxCell: props.maxCell,
        square: props.square,
        dpr: room.dpr,
      }),
    [grid, gap, width, height, props.maxCell, props.square, room.dpr],
  );
  const { view, isZoomed, zoom, pan, reveal, reset } = useView(fit);

  const numbers = hasRoomForNumbers(view.cols.scale, view.rows.scale, fit.dpr);
  const picture = useMemo(
    () => composePicture(grid, view, fit.width, fit.height, scale, !numbers),
    [grid, view, fit, scale, numbers],
  );

  const readout = useMemo(() => {
    const cell = pointed?.cell ?? cursor;
    const inside =
      cell !== null && cell[0] < lineCount(grid.rows) && cell[1] < lineCount(grid.cols);
    return inside ? describe(cell) : null;
  }, [pointed, cursor, describe, grid]);
  useReport(readout, onHover);

  const gestures: GestureActions = {
    zoom: (factor, x, y) => zoom(factor, x * fit.dpr, y * fit.dpr),
    pan: (dx, dy) => pan(dx * fit.dpr, dy * fit.dpr),
    leave: () => setPointed(null),
    point: (x, y) => {
      const cell = shownCell(picture, Math.floor(x * fit.dpr), Math.floor(y * fit.dpr));
      const box = frame.current?.getBoundingClientRect();
      if (cell === null || box === undefined) return setPointed(null);
      setPointed({ cell, x: box.left + x, y: box.top + y });
    },
  };

  const zoomCenter = (factor: number) => zoom(factor, fit.width / 2, fit.height / 2);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? panAfter(event.key, fit.width, fit.height) : null;
    const moved = cursorAfter(event.key, cursor, lineCount(grid.rows), lineCount(grid.cols));
    if (event.key === '+' || event.key === '=') zoomCenter(ZOOM_STEP);
    else if (event.key === '-') zoomCenter(1 / ZOOM_STEP);
    else if (event.key === '0') reset();
    else if (event.key === 'Escape' && cursor !== null) setCursor(null);
    else if (step !== null) pan(...step);
    else if (moved !== null && describe(moved) !== null) {
      setPointed(null);
      setCursor(moved);
      reveal(lineStart(grid.rows, gap, moved[0]), lineStart(grid.cols, gap, moved[1]));
    } else return;
    event.preventDefault();
  };

  const cssWidth = fit.width / fit.dpr;
  const cssHeight = fit.height / fit.dpr;
  const geometry: CellGeometry = { grid, view, dpr: fit.dpr };
  const at = pointed ?? (cursor && cellCorner(frame.current, cursor, geometry));
  const shape = `${lineCount(grid.rows)} by ${lineCount(grid.cols)}`;
  const headWidth = Math.max(MIN_HEAD_WIDTH, labelsWidth + cssWidth);
  const label = `${title ?? 'Heatmap'}: ${rowAxis.title} by ${colAxis.title}, ${shape}. ${KEYS}`;
  return (
    <figure class="lv-picture" ref={root}>
      <figcaption class="lv-picture-head" style={{ maxWidth: `${headWidth}px` }}>
        <span class="lv-picture-title">{title}</span>
        <ZoomButtons
          isZoomed={isZoomed}
          onZoomIn={() => zoomCenter(ZOOM_STEP)}
          onZoomOut={() => zoomCenter(1 / ZOOM_STEP)}
          onReset={reset}
        />
      </figcaption>
      {room.width > 0 && (
        <div
          class={isTitleAbove(rowAxis, cssHeight) ? 'lv-axes lv-axes-title-above' : 'lv-axes'}
          style={{ gridTemplateColumns: `${labelsWidth}px ${cssWidth}px` }}
        >
          <RowLabels
            axis={grid.rows}
            labels={rowAxis}
            placement={view.rows}
            length={cssHeight}
            dpr={fit.dpr}
          />
          <PictureFrame
            frame={frame}
            picture={picture}
            fit={fit}
            cellSize={Math.min(view.rows.scale, view.cols.scale)}
            numbers={numbers}
            isZoomed={isZoomed}
            label={label}
            gestures={gestures}
            onKeyDown={onKeyDown}
            onDblClick={reset}
            onBlur={() => setCursor(null)}
          >
            {selected && <CellFrame {...geometry} cell={selected} class="lv-cell-selected" />}
            {pointed && <CellFrame {...geometry} cell={pointed.cell} class="lv-cell-pointed" />}
            {cursor && <CellFrame {...geometry} cell={cursor} class="lv-cell-cursor" />}
          </PictureFrame>
          <ColLabels
            axis={grid.cols}
            labels={colAxis}
            placement={view.cols}
            length={cssWidth}
            dpr={fit.dpr}
          />
        </div>
      )}
      {readout && at && <Tooltip readout={readout} x={at.x} y={at.y} />}
      <div class="lv-aside" aria-live="polite">
        {cursor && readout?.text}
      </div>
    </figure>
  );
}
