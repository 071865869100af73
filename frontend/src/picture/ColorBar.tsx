import { useLayoutEffect, useRef } from 'preact/hooks';

import { formatShort } from '../scale/format';
import { COLOR_COUNT } from '../scale/looks';
import { ticks } from '../scale/ticks';
import type { Scale } from '../scale/types';

/** Lengths in CSS pixels, for the font size of `.lv-axis`. */
const CHARACTER_WIDTH = 6.6;
const LABEL_WIDTH = 60;
const LABEL_SPACE = 8;
const BAR_HEIGHT = 14;
const END_DIGITS = 4;

interface Label {
  readonly x: number;
  readonly text: string;
  readonly anchor: 'start' | 'middle' | 'end';
}

/** The labels of a bar: its ends, and the round values that leave them room. */
function labelsOf(scale: Scale, width: number): Label[] {
  const inner = ticks(scale, Math.max(2, Math.floor(width / LABEL_WIDTH))).map(
    ({ place, label }): Label => ({ x: place * width, text: label, anchor: 'middle' }),
  );
  if (scale.lo === scale.hi) return inner;
  const low: Label = { x: 0, text: formatShort(scale.lo, END_DIGITS), anchor: 'start' };
  const high: Label = { x: width, text: formatShort(scale.hi, END_DIGITS), anchor: 'end' };
  // As much room at both ends, or a range about zero would seem lopsided.
  const longest = Math.max(low.text.length, high.text.length);
  const from = longest * CHARACTER_WIDTH + LABEL_SPACE;
  const to = width - from;
  const fits = ({ x, text }: Label) => {
    const half = (text.length * CHARACTER_WIDTH) / 2;
    return x - half >= from && x + half <= to;
  };
  return [low, ...inner.filter(fits), high];
}

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
  const low = formatShort(scale.lo, END_DIGITS);
  const high = formatShort(scale.hi, END_DIGITS);
  return (
    <div
      class="lv-color-bar"
      role="img"
      aria-label={`Colours from ${low} to ${high}`}
      style={{ width: `${width}px` }}
    >
      <canvas
        ref={canvas}
        width={COLOR_COUNT}
        height={1}
        style={{ width: `${width}px`, height: `${BAR_HEIGHT}px` }}
      />
      <svg class="lv-axis" width={width} height={20} aria-hidden="true">
        {labelsOf(scale, width).map(({ x, text, anchor }) => (
          <g key={x} transform={`translate(${x}, 0)`}>
            <line y2={4} />
            <text y={16} text-anchor={anchor}>
              {text}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}
