import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { colorTable } from '../scale/colorMaps';
import { formatShort } from '../scale/format';
import { binEnds, countsAt, type Histograms, occupiedOverSteps } from '../state/histogram';

/** More columns than a screen has pixels would be drawn for nobody. */
const MAX_COLUMNS = 2048;
const COLORS = 256;
/** A share's square root tells the thin tails of a distribution from nothing. */
const EMPHASIS = 0.5;
const LABEL_COUNT = 5;

interface Picture {
  rows: number[];
  bins: [number, number];
  pixels: ImageData;
}

function paint(histograms: Histograms): Picture | null {
  const bins = occupiedOverSteps(histograms);
  if (bins === null) return null;
  const [first, end] = bins;
  const columns = Math.min(histograms.steps.length, MAX_COLUMNS);
  const rows = Array.from({ length: columns }, (_, column) =>
    Math.floor((column * histograms.steps.length) / columns),
  );
  const colors = colorTable('viridis');
  const pixels = new ImageData(columns, end - first);
  rows.forEach((row, column) => {
    const counts = countsAt(histograms, row);
    const highest = Math.max(...counts, 1);
    for (let bin = first; bin < end; bin++) {
      const color = Math.round(((counts[bin] ?? 0) / highest) ** EMPHASIS * (COLORS - 1));
      const at = ((end - 1 - bin) * columns + column) * 4;
      pixels.data.set(colors.subarray(color * 4, color * 4 + 4), at);
    }
  });
  return { rows, bins, pixels };
}

interface Props {
  histograms: Histograms;
  /** Which of the recorded steps is shown. */
  row: number;
  onPick: (step: number) => void;
}

/** The histograms of all steps side by side, every bin as high as every other. */
export function HistogramHistory({ histograms, row, onPick }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const hovered = useSignal('');
  const picture = useMemo(() => paint(histograms), [histograms]);
  useEffect(() => {
    const target = canvas.current;
    if (target === null || picture === null) return;
    target.width = picture.pixels.width;
    target.height = picture.pixels.height;
    target.getContext('2d')?.putImageData(picture.pixels, 0, 0);
  }, [picture]);
  if (picture === null) return <p class="lv-muted">No finite elements at any step.</p>;
  const { rows, bins, pixels } = picture;
  const [first, end] = bins;
  const [least, greatest] = [
    histograms.edges[first - 1] ?? -Infinity,
    histograms.edges[end - 1] ?? Infinity,
  ];
  const placeOf = (event: MouseEvent & { currentTarget: HTMLElement }) => {
    const { width, height } = event.currentTarget.getBoundingClientRect();
    const column = Math.min(rows.length - 1, Math.floor((event.offsetX / width) * rows.length));
    const bin =
      end - 1 - Math.min(end - first - 1, Math.floor((event.offsetY / height) * (end - first)));
    return { row: rows[column] ?? 0, bin };
  };
  const labels = Array.from({ length: LABEL_COUNT }, (_, i) => {
    const bin = Math.min(
      end - 1,
      first + Math.round(((LABEL_COUNT - 1 - i) * (end - first)) / (LABEL_COUNT - 1)),
    );
    return formatShort(binEnds(histograms.edges, bin, least, greatest)[0]);
  });
  const shown = (rows.findLastIndex(candidate => candidate <= row) + 0.5) / rows.length;
  return (
    <div class="lv-history">
      <div class="lv-history-labels" aria-hidden="true">
        {labels.map((label, i) => (
          <span key={i}>{label}</span>
        ))}
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the step bar goes to a step by keyboard */}
      <div
        class="lv-history-plot"
        role="img"
        aria-label={`Histograms of ${histograms.steps.length} steps side by side`}
        onClick={event => {
          const step = histograms.steps[placeOf(event).row];
          if (step !== undefined) onPick(step);
        }}
        onPointerMove={event => {
          const place = placeOf(event);
          const [low, high] = binEnds(histograms.edges, place.bin, least, greatest);
          const count = countsAt(histograms, place.row)[place.bin] ?? 0;
          hovered.value = `step ${histograms.steps[place.row]}, ${formatShort(low)} to ${formatShort(high)}: ${count.toLocaleString('en')} elements`;
        }}
        onPointerLeave={() => {
          hovered.value = '';
        }}
      >
        <canvas ref={canvas} width={pixels.width} height={pixels.height} />
        <span class="lv-history-step" style={{ left: `${shown * 100}%` }} />
      </div>
      <div class="lv-history-steps" aria-hidden="true">
        <span>step {histograms.steps[0]}</span>
        <span>{histograms.steps.at(-1)}</span>
      </div>
      <div class="lv-chart-note" aria-live="off">
        {hovered.value}
      </div>
    </div>
  );
}
