import { useEffect, useMemo, useRef } from 'preact/hooks';
import { colorTable } from '../scale/colorMaps';
import {
  countsAt,
  countsOverSteps,
  countWithin,
  type Histograms,
  symlogBins,
} from '../state/histogram';
import { HistoryPlot } from './HistoryPlot';
import { binLabels, clampTo, evenRows, type HistoryProps, placeOfStep } from './historyPicture';

/** More columns than a screen has pixels would be drawn for nobody. */
const MAX_COLUMNS = 2048;
const COLORS = 256;
/** A share's square root tells the thin tails of a distribution from nothing. */
const EMPHASIS = 0.5;

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
  const rows = evenRows(histograms.steps.length, MAX_COLUMNS);
  const columns = rows.length;
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

/** The histograms of all steps side by side, every bin as high as every other. */
export function HistogramHistory(props: HistoryProps) {
  const { histograms, step } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
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
  const cellAt = (event: MouseEvent & { currentTarget: HTMLElement }) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    const at = (share: number, count: number) => clampTo(Math.floor(share * count), count);
    return {
      step: at((event.clientX - left) / width, rows.length),
      bin: at((event.clientY - top) / height, bins.length),
    };
  };
  const place = placeOfStep(histograms, rows, step);
  return (
    <div class="lv-history">
      <div class="lv-history-labels" aria-hidden="true">
        {binLabels(bins, histograms.edges).map(({ text }, i) => (
          <span key={i}>{text}</span>
        ))}
      </div>
      <HistoryPlot
        {...props}
        class="lv-history-plot"
        rows={rows}
        bins={bins}
        stepsBy="columns"
        cellAt={cellAt}
      >
        {(cell, span) => (
          <>
            <canvas ref={canvas} width={pixels.width} height={pixels.height} />
            {place >= 0 && (
              <span
                class="lv-history-step"
                style={{ left: `${((place + 0.5) / rows.length) * 100}%` }}
              />
            )}
            {span && (
              <span
                class="lv-history-span"
                style={{
                  left: `${(span[0] / rows.length) * 100}%`,
                  width: `${((span[1] + 1 - span[0]) / rows.length) * 100}%`,
                }}
              />
            )}
            {cell && (
              <span
                class="lv-history-cell"
                style={{
                  left: `${(cell.step / rows.length) * 100}%`,
                  width: `max(3px, ${100 / rows.length}%)`,
                  top: `${(cell.bin / bins.length) * 100}%`,
                  height: `max(3px, ${100 / bins.length}%)`,
                }}
              />
            )}
          </>
        )}
      </HistoryPlot>
      <div class="lv-history-steps" aria-hidden="true">
        <span>step {histograms.steps[0]}</span>
        <span>{histograms.steps.at(-1)}</span>
      </div>
    </div>
  );
}
