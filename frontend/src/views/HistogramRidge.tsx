import { useMemo } from 'preact/hooks';
import { countsAt, countsOverSteps, countWithin, symlogBins } from '../state/histogram';
import { HistoryPlot } from './HistoryPlot';
import { binLabels, clampTo, evenRows, type HistoryProps, placeOfStep } from './historyPicture';
import { useWidth } from './useWidth';

/** More curves than this are a grey field; the steps between are left out. */
const MOST_CURVES = 32;
const HEIGHT_PX = 240;
const AXIS_HEIGHT_PX = 20;
/** So high is the highest curve, in distances of one curve from the next. */
const OVERLAP = 4;
const LABEL_WIDTH_PX = 64;

/** The histograms of the steps as curves, one before the other, the newest in front. */
export function HistogramRidge(props: HistoryProps) {
  const { histograms, step } = props;
  const [box, width] = useWidth();
  const { bins, rows, heights } = useMemo(() => {
    const bins = symlogBins(countsOverSteps(histograms), histograms.edges);
    const rows = evenRows(histograms.steps.length, MOST_CURVES);
    const shares = rows.map(each => {
      const counts = countsAt(histograms, each);
      const total = counts.reduce((sum, count) => sum + count, 0) || 1;
      return bins.map(bin => countWithin(counts, bin) / total);
    });
    const highest = Math.max(...shares.flat(), 0) || 1;
    return { bins, rows, heights: shares.map(each => each.map(share => share / highest)) };
  }, [histograms]);
  if (bins.length === 0) return <p class="lv-muted">No finite elements at any step.</p>;
  const room = Math.max(1, width - LABEL_WIDTH_PX);
  const plot = HEIGHT_PX - AXIS_HEIGHT_PX;
  const gap = plot / (rows.length + OVERLAP - 1);
  const baseOf = (curve: number) => (curve + OVERLAP) * gap - (rows.length === 1 ? 1 : 0);
  const toX = (bin: number) => LABEL_WIDTH_PX + (bin / bins.length) * room;
  const shown = placeOfStep(histograms, rows, step);
  const cellAt = (event: MouseEvent & { currentTarget: HTMLElement }) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const curve = Math.round((event.clientY - top) / gap - OVERLAP + 0.5);
    const bin = Math.floor(((event.clientX - left - LABEL_WIDTH_PX) / room) * bins.length);
    return {
      step: clampTo(curve, rows.length),
      bin: clampTo(bin, bins.length),
    };
  };
  const every = Math.max(1, Math.ceil(rows.length / 8));
  return (
    <div ref={box} class="lv-ridge">
      <HistoryPlot
        {...props}
        class="lv-ridge-plot"
        rows={rows}
        bins={bins}
        stepsBy="lines"
        cellAt={cellAt}
      >
        {(cell, span) => (
          <svg width={width} height={HEIGHT_PX} aria-hidden="true">
            {heights.map((curve, i) => {
              const base = baseOf(i);
              const top = curve
                .map(
                  (height, bin) =>
                    `L${toX(bin + 0.5).toFixed(1)} ${(base - height * OVERLAP * gap).toFixed(1)}`,
                )
                .join('');
              const classes = ['lv-ridge-curve'];
              if (i === shown) classes.push('lv-ridge-shown');
              const isIn = span !== null && i >= span[0] && i <= span[1];
              if (i === cell?.step || isIn) classes.push('lv-ridge-pointed');
              return (
                <g key={rows[i]} class={classes.join(' ')}>
                  <path d={`M${toX(0)} ${base}${top}L${toX(bins.length)} ${base}Z`} />
                  {(i % every === 0 || i === rows.length - 1) && (
                    <text x={LABEL_WIDTH_PX - 6} y={base} text-anchor="end">
                      {histograms.steps[rows[i] ?? 0]}
                    </text>
                  )}
                </g>
              );
            })}
            {cell && <path class="lv-ridge-bin" d={`M${toX(cell.bin + 0.5)} ${gap}V${plot}`} />}
            {binLabels(bins, histograms.edges).map(({ place, text }, i, { length }) => {
              const anchor = i === length - 1 ? 'end' : i === 0 ? 'start' : 'middle';
              return (
                <text key={i} x={toX(place + 0.5)} y={HEIGHT_PX - 5} text-anchor={anchor}>
                  {text}
                </text>
              );
            })}
          </svg>
        )}
      </HistoryPlot>
    </div>
  );
}
