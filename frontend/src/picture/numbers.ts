import { cellAddress } from '../gl/panelGrid';
import {
  FIELD_FIRST,
  FIELD_SIZE,
  FIELD_START,
  NO_LINE,
  PIXEL_FIELDS,
  type PixelAxis,
} from '../gl/pixelAxis';
import { contextOf } from '../gl/renderer';
import type { Part } from '../gl/tiles';
import { formatShort } from '../scale/format';
import { CODE_ABOVE, CODE_BELOW } from '../scale/looks';
import { codeOf, colorOfCode } from '../scale/scale';
import type { RGBA } from '../scale/types';

/** The smallest cell, in CSS pixels, that a number is written into. */
const MIN_WIDTH = 46;
const MIN_HEIGHT = 16;
const FONT_PIXELS = 11;
const CHARACTER_WIDTH = 6.8;

/** Whether cells of a size in device pixels have room for numbers. */
export function hasRoomForNumbers(width: number, height: number, dpr: number): boolean {
  return width >= MIN_WIDTH * dpr && height >= MIN_HEIGHT * dpr;
}

/** Three digits of a value, or two where three are too wide. Width in CSS pixels. */
function fittingNumber(value: number | bigint, width: number): string {
  const text = formatShort(value);
  return text.length * CHARACTER_WIDTH <= width ? text : formatShort(value, 2);
}

interface Span {
  readonly line: number;
  readonly start: number;
  readonly size: number;
}

function spansOf(axis: PixelAxis): Span[] {
  const spans: Span[] = [];
  let previous = NO_LINE;
  for (let at = 0; at < axis.length; at += PIXEL_FIELDS) {
    const line = axis[at + FIELD_FIRST] as number;
    if (line !== previous && line !== NO_LINE) {
      spans.push({
        line,
        start: axis[at + FIELD_START] as number,
        size: axis[at + FIELD_SIZE] as number,
      });
    }
    previous = line;
  }
  return spans;
}

/** Black or white, whichever stands out more from a colour (WCAG relative luminance). */
export function contrasting(color: RGBA): 'black' | 'white' {
  const [red, green, blue] = color.map(channel => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number, number];
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  // Where the contrast ratios against black and against white are the same.
  return luminance > 0.179 ? 'black' : 'white';
}

/** Writes the value of every visible cell into it. */
export function drawNumbers(canvas: HTMLCanvasElement, part: Part, dpr: number): void {
  const context = contextOf(canvas);
  if (context === null) return;
  const { picture, x, y } = part;
  const { grid, scale } = picture;
  context.font = `${FONT_PIXELS * dpr}px ${getComputedStyle(canvas).fontFamily}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const columns = spansOf(picture.columns);
  for (const row of spansOf(picture.rows)) {
    for (const column of columns) {
      const address = cellAddress(grid, row.line, column.line);
      const value = address < 0 ? undefined : grid.values[address];
      if (value === undefined) continue;
      const code = codeOf(scale, Number(value));
      const mark = code === CODE_ABOVE ? '▵ ' : code === CODE_BELOW ? '▿ ' : '';
      context.fillStyle = contrasting(colorOfCode(scale, code));
      context.fillText(
        mark + fittingNumber(value, column.size / dpr - mark.length * CHARACTER_WIDTH),
        x + column.start + column.size / 2,
        y + row.start + row.size / 2,
        column.size,
      );
    }
  }
}
