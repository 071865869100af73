import type { Signal } from '@preact/signals';
import { useMemo, useRef, useState } from 'preact/hooks';

import { lineCount, type PanelAxis } from '../gl/panelGrid';
import { axisLength, lineStart, type Placement } from '../gl/pixelAxis';
import type { Cell } from '../gl/rasterize';
import { ColLabels, isTitleAbove, RowLabels, rowLabelsWidth, type ViewAxis } from './AxisLabels';
import { blocksOf, CellFrame, type CellGeometry, cellBox } from './CellFrame';
import { cursorAfter, panAfter, pictureAction } from './keys';
import { PictureFrame } from './PictureFrame';
import type { Readout } from './readout';
import type { SceneOf } from './scene';
import { Tooltip } from './Tooltip';
import type { OnHover, OnPick } from './types';
import type { Underlay } from './underlay';
import type { GestureActions } from './useGestures';
import { useReport } from './useReport';
import { useRoom } from './useRoom';
import { type Region, useView } from './useView';
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
const NOWHERE: Cell = [-1, -1];
const KEYS = 'Arrow keys read the cells, plus and minus zoom, 0 shows everything.';

export interface ViewFrameProps {
  rows: PanelAxis;
  cols: PanelAxis;
  /** Space between panels, in elements. */
  gap: number;
  /** Whether elements stay square however thin the picture is. */
  square: boolean;
  /** The largest element before zooming in, in CSS pixels. */
  maxCell: number;
  rowAxis: ViewAxis;
  colAxis: ViewAxis;
  title?: string | undefined;
  /** What is drawn and read in a view; one function draws one thing. */
  sceneOf: SceneOf;
  onHover?: OnHover | undefined;
  onPick?: OnPick | undefined;
  selected?: Cell | null | undefined;
  /** What lies below the cells, stretched to all of them. */
  underlay?: Underlay | undefined;
  maxHeight?: number | undefined;
  /** The part that is shown, where others are to show the same, or a link tells it. */
  region?: Signal<Region | null> | undefined;
}

/** A place in CSS pixels from the picture's corner: what is there changes with the view. */
interface Place {
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

/** A picture with its axes, to be zoomed, panned and read cell by cell. */
export function ViewFrame(props: ViewFrameProps) {
  const { rows, cols, gap, rowAxis, colAxis, sceneOf, onHover, title, selected } = props;
  const [root, room] = useRoom<HTMLElement>();
  const frame = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<Place | null>(null);
  const [cursor, setCursor] = useState<Cell | null>(null);

  const labelsWidth = rowLabelsWidth(rows, rowAxis);
  const width = Math.max(1, room.width - labelsWidth - RIGHT_MARGIN);
  const height = Math.max(MIN_HEIGHT, props.maxHeight ?? DEFAULT_MAX_HEIGHT);
  const fit = useMemo(
    () =>
      fitPicture({
        rowExtent: axisLength(rows, gap),
        colExtent: axisLength(cols, gap),
        gap,
        width,
        height,
        maxCell: props.maxCell,
        square: props.square,
        dpr: room.dpr,
      }),
    [rows, cols, gap, width, height, props.maxCell, props.square, room.dpr],
  );
  const { view, isZoomed, zoom, pan, reveal, reset } = useView(fit, props.region);
  const scene = useMemo(() => sceneOf(view, fit), [sceneOf, view, fit]);
  const { block } = scene;
  const blocks = blocksOf(rows, cols, view, block);
  const cellOf = (first: Cell): Cell => [
    Math.floor(first[0] / block),
    Math.floor(first[1] / block),
  ];
  const firstOf = (cell: Cell): Cell => [cell[0] * block, cell[1] * block];
  const { dpr } = fit;
  const pointedCell =
    pointed && scene.cellAt(Math.floor(pointed.x * dpr), Math.floor(pointed.y * dpr));
  const cursorCell = cursor && cellOf(cursor);
  const [readRow, readCol] = pointedCell ?? cursorCell ?? NOWHERE;
  const isThere = readRow < lineCount(blocks.rows) && readCol < lineCount(blocks.cols);
  const readout = useMemo(
    () => (isThere && readRow >= 0 ? scene.describe([readRow, readCol]) : null),
    [isThere, readRow, readCol, scene],
  );
  useReport(readout, onHover);

  const gestures: GestureActions = {
    zoom: (factor, x, y) => zoom(factor, x * fit.dpr, y * fit.dpr),
    pan: (dx, dy) => pan(dx * fit.dpr, dy * fit.dpr),
    leave: () => setPointed(null),
    point: (x, y) => setPointed({ x, y }),
    click: (x, y) => {
      const cell = scene.cellAt(Math.floor(x * dpr), Math.floor(y * dpr));
      pick(cell && scene.describe(cell));
    },
  };

  const pick = (picked: Readout | null) => {
    if (picked !== null) props.onPick?.(picked);
  };
  const zoomCenter = (factor: number) => zoom(factor, fit.width / 2, fit.height / 2);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = pictureAction(event.key);
    const step = event.shiftKey ? panAfter(event.key, fit.width, fit.height) : null;
    const moved = cursorAfter(
      event.key,
      cursorCell,
      lineCount(blocks.rows),
      lineCount(blocks.cols),
    );
    if (action === 'zoomIn') zoomCenter(ZOOM_STEP);
    else if (action === 'zoomOut') zoomCenter(1 / ZOOM_STEP);
    else if (action === 'all') reset();
    else if (action === 'leave' && cursor !== null) setCursor(null);
    else if (action === 'pick' && cursorCell !== null) pick(scene.describe(cursorCell));
    else if (action !== 'move') return;
    else if (step !== null) pan(...step);
    else if (moved !== null && scene.describe(moved) !== null) {
      setPointed(null);
      const first = firstOf(moved);
      setCursor(first);
      reveal(lineStart(rows, gap, first[0]), lineStart(cols, gap, first[1]));
    } else return;
    event.preventDefault();
  };

  const below = props.underlay;
  const underlay = useMemo(() => {
    if (below === undefined) return undefined;
    const placed = ({ origin, scale }: Placement, length: number) =>
      [-origin * scale, length * scale] as const;
    const [x, width] = placed(view.cols, axisLength(cols, gap));
    const [y, height] = placed(view.rows, axisLength(rows, gap));
    return { ...below, box: { x, y, width, height } };
  }, [below, view, rows, cols, gap]);

  const cssWidth = fit.width / fit.dpr;
  const cssHeight = fit.height / fit.dpr;
  const geometry: CellGeometry = { ...blocks, dpr: fit.dpr };
  // To ask where the picture is lays the page out: not while nothing is read from it.
  const corner = pointedCell && pointed && frame.current?.getBoundingClientRect();
  const at =
    pointed && corner
      ? { x: corner.left + pointed.x, y: corner.top + pointed.y }
      : cursorCell && cellCorner(frame.current, cursorCell, geometry);
  const shape = `${lineCount(rows)} by ${lineCount(cols)}`;
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
            axis={rows}
            labels={rowAxis}
            placement={view.rows}
            length={cssHeight}
            dpr={fit.dpr}
          />
          <PictureFrame
            frame={frame}
            scene={scene}
            fit={fit}
            isZoomed={isZoomed}
            label={label}
            gestures={gestures}
            underlay={underlay}
            onKeyDown={onKeyDown}
            onDblClick={reset}
            onBlur={() => setCursor(null)}
          >
            {selected && <CellFrame {...geometry} cell={selected} class="lv-cell-selected" />}
            {pointedCell && <CellFrame {...geometry} cell={pointedCell} class="lv-cell-pointed" />}
            {cursorCell && <CellFrame {...geometry} cell={cursorCell} class="lv-cell-cursor" />}
          </PictureFrame>
          <ColLabels
            axis={cols}
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
