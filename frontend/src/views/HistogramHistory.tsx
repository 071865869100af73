import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { colorTable } from '../scale/colorMaps';
import { formatShort } from '../scale/format';
import {
  binEnds,
  binLabel,
  countsAt,
  countsOverSteps,
  countWithin,
  type Histograms,
  symlogBins,
} from '../state/histogram';

/** More columns than a screen has pixels would be drawn for nobody. */
const MAX_COLUMNS = 2048;
const COLORS = 256;
/** A share's square root tells the thin tails of a distribution from nothing. */
const EMPHASIS = 0.5;
const LABEL_COUNT = 5;

interface Picture {
  /** The recorded step of each column. */
  rows: number[];
  /** The bins of each row of pixels, from the greatest values down. */
  bins: [number, number][];
  pixels: ImageData;
}

function paint(histograms: Histograms): Picture | null {
  const bins = symlogBins(countsOverSteps(histograms), histograms.edges).reverse();
  if (bins.length === 0) return null;
  const columns = Math.min(histograms.steps.length, MAX_COLUMNS);
  const rows = Array.from({ length: columns }, (_, column) =>
    Math.floor((column * histograms.steps.length) / columns),
  );
  const colors = colorTable('viridis');
  const pixels = new ImageData(columns, bins.length);
  rows.forEach((row, column) => {
    const all = countsAt(histograms, row);
    const counts = bins.map(bin => countWithin(all, bin));
    const highest = Math.max(...counts, 1);
    counts.forEach((count, line) => {
      const color = Math.round((count / highest) ** EMPHASIS * (COLORS - 1));
      pixels.data.set(colors.subarray(color * 4, color * 4 + 4), (line * columns + column) * 4);
    });
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
  const endsOf = (bin: readonly [number, number]) =>
    binEnds(histograms.edges, bin, -Infinity, Infinity);
  const placeOf = (event: MouseEvent & { currentTarget: HTMLElement }) => {
    const { width, height } = event.currentTarget.getBoundingClientRect();
    const column = Math.min(rows.length - 1, Math.floor((event.offsetX / width) * rows.length));
    const line = Math.min(bins.length - 1, Math.floor((event.offsetY / height) * bins.length));
    return { row: rows[column] ?? 0, bin: bins[line] };
  };
  const labels = Array.from({ length: LABEL_COUNT }, (_, i) => {
    const bin = bins[Math.round((i * (bins.length - 1)) / (LABEL_COUNT - 1))] ?? [0, 1];
    return formatShort(binLabel(histograms.edges, bin, -Infinity, Infinity));
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
          const { row: under, bin } = placeOf(event);
          if (bin === undefined) return;
          const [low, high] = endsOf(bin).map(end => formatShort(end));
          const count = countWithin(countsAt(histograms, under), bin).toLocaleString('en');
          hovered.value = `step ${histograms.steps[under]}, ${low} to ${high}: ${count} elements`;
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
