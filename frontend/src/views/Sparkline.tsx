import { useMemo } from 'preact/hooks';

const WIDTH = 54;
const HEIGHT = 14;
const MARGIN = 1.5;

/**
 * The line through the finite values, as an SVG path. Where there are more values than pixels, a
 * pixel's least and greatest are drawn, so that no peak is lost.
 */
export function sparklinePath(values: ArrayLike<number>, width = WIDTH, height = HEIGHT): string {
  let [min, max] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (min > max) return '';
  const span = max - min;
  const toY = (value: number) =>
    span === 0 ? height / 2 : height - MARGIN - ((value - min) / span) * (height - 2 * MARGIN);
  const last = Math.max(1, values.length - 1);
  const columns = Math.min(values.length, width);
  let path = '';
  let pen = 'M';
  for (let column = 0; column < columns; column++) {
    const start = Math.floor((column * values.length) / columns);
    const end = Math.floor(((column + 1) * values.length) / columns);
    let [low, high, seen] = [Infinity, -Infinity, false];
    for (let i = start; i < end; i++) {
      const value = values[i] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
      seen = true;
    }
    if (!seen) {
      pen = 'M'; // a gap: the line does not cross what was not recorded
      continue;
    }
    const x = (start / last) * (width - 2) + 1;
    const points = low === high ? [low] : [low, high];
    for (const value of points) {
      path += `${pen}${x.toFixed(1)} ${toY(value).toFixed(1)}`;
      pen = 'L';
    }
  }
  return path;
}

interface Props {
  values: Float64Array;
}

/** The course of a tensor's rms over the steps, without axes: whether it moves, and how. */
export function Sparkline({ values }: Props) {
  const path = useMemo(() => sparklinePath(values), [values]);
  return (
    <svg class="lv-sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {path && <path d={path} />}
    </svg>
  );
}
