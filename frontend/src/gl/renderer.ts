import { type Picture, pictureHeight, pictureWidth } from './picture';
import { rasterizeParts, rasterizeStripes } from './pixels';

import type { Part } from './tiles';
import { WebglRenderer } from './webglRenderer';

export type RendererKind = 'webgl2' | '2d';

/**
 * Browsers allow a page about sixteen WebGL contexts, so all pictures share one. It is made when
 * first needed: null until then, and `'none'` where the browser has none.
 */
let shared: WebglRenderer | 'none' | null = null;

/** What the page's address asks for: `?renderer=2d` or `?renderer=webgl2`. */
function wantedKind(): RendererKind | null {
  // Asked for with each picture: most addresses have nothing to read.
  const { search } = window.location;
  const wanted = search === '' ? null : new URLSearchParams(search).get('renderer');
  return wanted === '2d' || wanted === 'webgl2' ? wanted : null;
}

function webglRenderer(): WebglRenderer | null {
  const wanted = wantedKind();
  if (wanted === '2d') return null;
  // Where WebGL is emulated on the processor, the twin is faster: 0.1 s for the first picture of
  // 3072 x 3072 and 20 ms a frame, against 0.9 s and 100 ms with the upload and the copy.
  if (shared === null) shared = WebglRenderer.create(wanted === null) ?? 'none';
  if (shared === 'none') return null;
  if (!shared.isLost) return shared;
  // The lost one cannot be used again; the next picture asks the browser for a new one.
  shared = null;
  return null;
}

/** Which renderer the next picture is drawn by. */
export function rendererKind(): RendererKind {
  return webglRenderer() === null ? '2d' : 'webgl2';
}

/**
 * The context that pictures are drawn by; its first caller says whether it has no gaps.
 *
 * Where it has, pixels that plain code made are put into memory: a canvas that a graphics
 * processor keeps, or its emulation, would be sent there and back each time. One without gaps is
 * better sent: it hides what is below it, so that the browser neither paints it into the page nor
 * mixes the two. A frame of a pan takes a browser that draws in software 22 ms of the processor
 * in place of 38.
 */
export function contextOf(
  canvas: HTMLCanvasElement,
  isOpaque = false,
): CanvasRenderingContext2D | null {
  const willReadFrequently = !isOpaque && webglRenderer() === null;
  return canvas.getContext('2d', { willReadFrequently, alpha: !isOpaque });
}

/** Copies a picture, in place of what was there, if anything was, transparent gaps included. */
function paintAt(
  context: CanvasRenderingContext2D,
  { picture, x, y }: Part,
  isBlank: boolean,
): void {
  const width = pictureWidth(picture);
  const height = pictureHeight(picture);
  if (width === 0 || height === 0) return;
  const renderer = webglRenderer();
  if (renderer !== null && Math.max(width, height) <= renderer.maxSize) {
    renderer.draw(picture);
    if (!renderer.isLost) {
      context.clearRect(x, y, width, height);
      const top = renderer.canvas.height - height;
      context.drawImage(renderer.canvas, 0, top, width, height, x, y, width, height);
      return;
    }
  }
  rasterizeStripes(picture, {
    put: (pixels, row) => context.putImageData(pixels, x, y + row),
    // The first mark on a canvas is the one that costs: none is made in vain.
    clear: (row, rows) => {
      if (!isBlank) context.clearRect(x, y + row, width, rows);
    },
  });
}

/**
 * Draws pictures onto a canvas, which gets a size in pixels; later ones lie over earlier ones.
 *
 * By WebGL2 where there is one that is not lost, else by the twin in plain code, whose pixels are
 * the same: a lost context is never seen.
 */
export function paintParts(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  parts: readonly Part[],
  isOpaque = false,
): void {
  // A canvas that gets a size is blank.
  const isResized = canvas.width !== width || canvas.height !== height;
  if (isResized) Object.assign(canvas, { width, height });
  const context = contextOf(canvas, isOpaque);
  if (context === null) return;
  if (isOpaque && webglRenderer() === null) {
    context.putImageData(rasterizeParts(parts, width, height), 0, 0);
  } else for (const part of parts) paintAt(context, part, isResized && parts.length === 1);
}

/** Draws a picture over all of a canvas, which gets the picture's size in pixels. */
export function paint(canvas: HTMLCanvasElement, picture: Picture, isOpaque = false): void {
  const parts = [{ picture, x: 0, y: 0 }];
  paintParts(canvas, pictureWidth(picture), pictureHeight(picture), parts, isOpaque);
}
