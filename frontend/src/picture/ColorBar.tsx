import { useLayoutEffect, useRef } from 'preact/hooks';

import { COLOR_COUNT } from '../scale/looks';
import { ticks } from '../scale/ticks';
import type { Scale } from '../scale/types';

/** The width that a tick's label needs, in CSS pixels. */
const LABEL_WIDTH = 60;
const BAR_HEIGHT = 14;

/** The colours of a scale from low to high, with the values that they stand for. */
export function ColorBar({ scale, width }: { scale: Scale; width: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { palette } = scale;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = new ImageData(COLOR_COUNT, 1);
    image.data.set(palette.subarray(0, COLOR_COUNT * 4));
    context.putImageData(image, 0, 0);
  }, [palette]);
  const placed = ticks(scale, Math.max(2, Math.floor(width / LABEL_WIDTH)));
  return (
    <div class="lv-color-bar" style={{ width: `${width}px` }}>
      <canvas
        ref={canvas}
        width={COLOR_COUNT}
        height={1}
        style={{ width: `${width}px`, height: `${BAR_HEIGHT}px` }}
      />
      <svg class="lv-axis" width={width} height={20} aria-hidden="true">
        {placed.map(tick => (
          <g key={tick.value} transform={`translate(${tick.place * width}, 0)`}>
            <line y2={4} />
            <text y={16} text-anchor="middle">
              {tick.label}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}
