import { FIELD_COUNT, FIELD_FIRST, NO_LINE, PIXEL_FIELDS, type PixelAxis } from '../gl/pixelAxis';

/** How far a tick stands out of the picture, in CSS pixels. */
const TICK_LENGTH = 6;
/** Ticks are at least this thick, however small the cells. */
const MIN_THICKNESS = 2;

interface Props {
  /** Which lines to point at, by line. */
  flags: Uint8Array;
  pixels: PixelAxis;
  side: 'top' | 'right';
  dpr: number;
}

interface Run {
  readonly start: number;
  readonly end: number;
}

/** The stretches of device pixels under which some line is flagged. */
function flaggedRuns(flags: Uint8Array, pixels: PixelAxis): Run[] {
  const runs: Run[] = [];
  let start = -1;
  const length = pixels.length / PIXEL_FIELDS;
  for (let x = 0; x <= length; x++) {
    const first = pixels[x * PIXEL_FIELDS + FIELD_FIRST] ?? NO_LINE;
    const count = pixels[x * PIXEL_FIELDS + FIELD_COUNT] ?? 0;
    const flagged = first !== NO_LINE && flags.subarray(first, first + count).includes(1);
    if (flagged && start < 0) start = x;
    if (!flagged && start >= 0) {
      runs.push({ start, end: x });
      start = -1;
    }
  }
  return runs;
}

/**
 * Ticks beside a picture at the rows and columns that hold a NaN or an infinity: a cell of one
 * pixel is easily overlooked, two ticks that point at it are not.
 */
export function NonFiniteTicks({ flags, pixels, side, dpr }: Props) {
  const length = pixels.length / PIXEL_FIELDS / dpr;
  const path = flaggedRuns(flags, pixels)
    .map(({ start, end }) => {
      const thickness = Math.max(MIN_THICKNESS, (end - start) / dpr);
      const at = (start + end) / 2 / dpr - thickness / 2;
      return side === 'top'
        ? `M${at} 0h${thickness}v${TICK_LENGTH}h${-thickness}z`
        : `M0 ${at}v${thickness}h${TICK_LENGTH}v${-thickness}z`;
    })
    .join('');
  return (
    <svg
      class={`lv-non-finite-ticks lv-at-${side}`}
      width={side === 'top' ? length : TICK_LENGTH}
      height={side === 'top' ? TICK_LENGTH : length}
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}
