import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

import { NonFiniteTicks } from './NonFiniteTicks';
import type { Scene } from './scene';
import { type GestureActions, useGestures } from './useGestures';
import type { Fit } from './view';

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
  /** What lies over the cells. */
  children: ComponentChildren;
}

/** The cells themselves: the canvas that they are painted on, and what takes keys and pointer. */
export function PictureFrame(props: Props) {
  const { scene, fit } = props;
  const { nonFinite } = scene;
  const canvas = useRef<HTMLCanvasElement>(null);
  useGestures(props.frame, props.gestures);
  useLayoutEffect(() => {
    if (canvas.current !== null) scene.draw(canvas.current);
  }, [scene]);

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
        <canvas ref={canvas} style={size} />
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
