import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

import { nonFiniteLinesOf } from '../gl/compose';
import type { Picture } from '../gl/picture';
import { paint } from '../gl/renderer';
import { NonFiniteTicks } from './NonFiniteTicks';
import { drawNumbers } from './numbers';
import { type GestureActions, useGestures } from './useGestures';
import type { Fit } from './view';

/** Cells from this size on, in CSS pixels, are seen without ticks that point at them. */
const EVIDENT_CELL = 12;

interface Props {
  frame: RefObject<HTMLDivElement | null>;
  picture: Picture;
  fit: Fit;
  /** The size of a cell in device pixels. */
  cellSize: number;
  /** Whether the cells have room for their numbers. */
  numbers: boolean;
  isZoomed: boolean;
  label: string;
  gestures: GestureActions;
  onKeyDown: (event: KeyboardEvent) => void;
  onDblClick: () => void;
  onBlur: () => void;
  /** What lies over the cells. */
  children: ComponentChildren;
}

/** The cells themselves: the canvas that they are painted on, and what takes keys and pointer. */
export function PictureFrame(props: Props) {
  const { picture, fit, numbers } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useGestures(props.frame, props.gestures);
  useLayoutEffect(() => {
    if (canvas.current === null) return;
    paint(canvas.current, picture);
    if (numbers) drawNumbers(canvas.current, picture, fit.dpr);
  }, [picture, numbers, fit]);

  const size = { width: `${fit.width / fit.dpr}px`, height: `${fit.height / fit.dpr}px` };
  const flagged = nonFiniteLinesOf(picture.grid);
  const pointAtThem = props.cellSize < EVIDENT_CELL * fit.dpr && flagged.rows.includes(1);
  return (
    <div class="lv-frame-place" style={size}>
      <div
        class={props.isZoomed ? 'lv-frame lv-frame-zoomed' : 'lv-frame'}
        ref={props.frame}
        role="application"
        aria-roledescription="heatmap"
        aria-label={props.label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes its own keys
        tabIndex={0}
        style={size}
        onKeyDown={props.onKeyDown}
        onDblClick={props.onDblClick}
        onBlur={props.onBlur}
      >
        <canvas ref={canvas} style={size} />
        {props.children}
      </div>
      {pointAtThem && (
        <>
          <NonFiniteTicks flags={flagged.cols} pixels={picture.columns} side="top" dpr={fit.dpr} />
          <NonFiniteTicks flags={flagged.rows} pixels={picture.rows} side="right" dpr={fit.dpr} />
        </>
      )}
    </div>
  );
}
