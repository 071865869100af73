import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

import { NonFiniteTicks } from './NonFiniteTicks';
import type { Scene } from './scene';
import { paintUnderlay, type Underlay } from './underlay';
import { type GestureActions, useGestures } from './useGestures';
import type { Fit } from './view';

/** A place in a picture, in device pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Props {
  frame: RefObject<HTMLDivElement | null>;
  scene: Scene;
  fit: Fit;
  isZoomed: boolean;
  label: string;
  gestures: GestureActions;
  onKeyDown: (event: KeyboardEvent) => void;
  onDblClick: () => void;
  onBlur: () => void;
  /** A picture below the cells, and where all of it would be, in device pixels. */
  underlay?: (Underlay & { readonly box: Box }) | undefined;
  /** What lies over the cells. */
  children: ComponentChildren;
}

/** The cells themselves: the canvas that they are painted on, and what takes keys and pointer. */
export function PictureFrame(props: Props) {
  const { scene, fit, underlay } = props;
  const { nonFinite } = scene;
  const canvas = useRef<HTMLCanvasElement>(null);
  useGestures(props.frame, props.gestures);
  useLayoutEffect(() => {
    if (canvas.current !== null) scene.draw(canvas.current);
  }, [scene]);

  const behind = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (behind.current === null || underlay === undefined) return;
    const { x, y, width, height } = underlay.box;
    paintUnderlay(behind.current, underlay.image, {
      width: fit.width,
      height: fit.height,
      places: [[x, y]],
      mapWidth: width,
      mapHeight: height,
    });
  }, [underlay, fit]);

  const size = { width: `${fit.width / fit.dpr}px`, height: `${fit.height / fit.dpr}px` };
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
        {underlay && <canvas ref={behind} class="lv-frame-behind" style={size} />}
        <canvas
          ref={canvas}
          class={underlay && 'lv-frame-over'}
          style={underlay ? { ...size, opacity: underlay.opacity } : size}
        />
        {props.children}
      </div>
      {nonFinite && (
        <>
          <NonFiniteTicks
            flags={nonFinite.colFlags}
            pixels={nonFinite.columns}
            side="top"
            dpr={fit.dpr}
          />
          <NonFiniteTicks
            flags={nonFinite.rowFlags}
            pixels={nonFinite.rows}
            side="right"
            dpr={fit.dpr}
          />
        </>
      )}
    </div>
  );
}
