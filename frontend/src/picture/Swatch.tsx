import { useLayoutEffect, useRef } from 'preact/hooks';

import { isInk } from '../gl/marks';
import type { Look } from '../scale/looks';

/** The side of a swatch, in pixels of its canvas. */
const SIDE = 16;

/** A special look as it is drawn in a large cell. */
export function Swatch({ look }: { look: Look }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = new ImageData(SIDE, SIDE);
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const color = isInk(look.code, x, y, SIDE, SIDE) ? look.ink : look.color;
        image.data.set(color, (y * SIDE + x) * 4);
      }
    }
    context.putImageData(image, 0, 0);
  }, [look]);
  return <canvas ref={canvas} class="lv-swatch" width={SIDE} height={SIDE} />;
}
