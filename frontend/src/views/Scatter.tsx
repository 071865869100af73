import { useLayoutEffect, useRef } from 'preact/hooks';
import { colorTable } from '../scale/colorMaps';
import type { Scatter } from '../scale/difference';
import { formatShort } from '../scale/format';

const COLORS = 256;

interface Props {
  scatter: Scatter;
  names: [string, string];
  /** What is counted. */
  unit?: string;
}

/** Elements of A to the right, of B upwards: on the line both are the same. */
export function ScatterPlot({ scatter, names, unit = 'element' }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { size, lo, hi, counts } = scatter;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = new ImageData(size, size);
    const colors = colorTable('viridis');
    const most = Math.log1p(counts.reduce((greatest, count) => Math.max(greatest, count), 1));
    counts.forEach((count, at) => {
      if (count === 0) return;
      const color = Math.round((Math.log1p(count) / most) * (COLORS - 1));
      image.data.set(colors.subarray(color * 4, color * 4 + 4), at * 4);
    });
    context.putImageData(image, 0, 0);
  }, [size, counts]);
  const [low, high] = [formatShort(lo), formatShort(hi)];
  return (
    <figure class="lv-scatter">
      <figcaption>Every {unit}: A →, B ↑</figcaption>
      <div
        class="lv-scatter-plot"
        role="img"
        aria-label={`Every ${unit} of ${names[0]} against that of ${names[1]}, from ${low} to ${high}`}
      >
        <canvas ref={canvas} width={size} height={size} />
        <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
          <line x1="0" y1="1" x2="1" y2="0" />
        </svg>
      </div>
      <div class="lv-scatter-axis" aria-hidden="true">
        <span>{low}</span>
        <span>{high}</span>
      </div>
    </figure>
  );
}
