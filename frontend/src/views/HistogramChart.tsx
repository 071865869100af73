import { useSignal } from '@preact/signals';
import { counted, formatShort } from '../scale/format';
import {
  binEnds,
  binLabel,
  countsAt,
  countWithin,
  densityOf,
  type Histograms,
  symlogBins,
} from '../state/histogram';
import type { ValueAxis } from '../state/statisticsChoice';
import { useWidth } from './useWidth';

const HEIGHT = 190;
const AXIS_HEIGHT = 22;
const MARGIN = { left: 6, right: 6, top: 8 };
const PLOT_BOTTOM = HEIGHT - AXIS_HEIGHT;
const COLUMN_WIDTH = 4;
const TICK_DISTANCE = 80;

interface Bar {
  from: number;
  to: number;
  /** In [0, 1] of the plot's height. */
  height: number;
  words: string;
}

interface Shape {
  bars: Bar[];
  ticks: { at: number; text: string }[];
}

interface Data {
  counts: readonly number[];
  edges: readonly number[];
  range: readonly [number, number];
  zeros: number;
}

const PERCENT = 100;

function share(part: number, whole: number): string {
  return `${formatShort((PERCENT * part) / whole)} %`;
}

/** All elements are one number: a bar in the middle, but for zeros, which are told of in words. */
function onlyShape(value: number, isDrawn: boolean): Shape {
  const text = formatShort(value);
  const bar = { from: 0.48, to: 0.52, height: 1, words: `${text}: all elements` };
  const blank = (from: number, to: number) => ({ from, to, height: 0, words: '' });
  const bars = isDrawn ? [blank(0, bar.from), bar, blank(bar.to, 1)] : [blank(0, 1)];
  return { bars, ticks: [{ at: 0.5, text }] };
}

/** Equal parts of the data's range, as high as their density. */
function linearShape({ counts, edges, range, zeros }: Data, columns: number): Shape {
  const [min, max] = range;
  if (min === max) return onlyShape(min, zeros === 0);
  const density = densityOf(counts, edges, range, zeros, columns);
  const highest = density.reduce((peak, value) => Math.max(peak, value), 0) || 1;
  const at = (column: number) => min + ((max - min) * column) / columns;
  const bars = Array.from(density, (value, column) => ({
    from: column / columns,
    to: (column + 1) / columns,
    height: value / highest,
    words: `${formatShort(at(column))} to ${formatShort(at(column + 1))}: ${share(
      (value * (max - min)) / columns,
      1,
    )} of the elements`,
  }));
  const count = Math.max(2, Math.floor((columns * COLUMN_WIDTH) / TICK_DISTANCE));
  const ticks = Array.from({ length: count + 1 }, (_, i) => ({
    at: i / count,
    text: formatShort(min + ((max - min) * i) / count),
  }));
  return { bars, ticks };
}

/** Every bin as wide as every other, as high as its count. */
function symlogShape({ counts, edges, range }: Data, width: number): Shape {
  const bins = symlogBins(counts, edges);
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  const heights = bins.map(bin => countWithin(counts, bin));
  const highest = Math.max(...heights, 1);
  const bars = bins.map((bin, place) => {
    const [low, high] = binEnds(edges, bin, ...range);
    const count = heights[place] ?? 0;
    return {
      from: place / bins.length,
      to: (place + 1) / bins.length,
      height: count / highest,
      words: `${formatShort(low)} to ${formatShort(high)}: ${counted(count, 'element')}, ${share(count, total)}`,
    };
  });
  const gap = Math.max(1, Math.ceil((TICK_DISTANCE * bins.length) / width));
  const ticks = bins.flatMap((bin, place) =>
    place % gap === 0
      ? [{ at: place / bins.length, text: formatShort(binLabel(edges, bin, ...range)) }]
      : [],
  );
  return { bars, ticks };
}

interface Props {
  histograms: Histograms;
  row: number;
  /** The least and the greatest finite element. */
  range: readonly [number, number];
  zeros: number;
  axis: ValueAxis;
}

/** How the elements of one step are spread over their values. */
export function HistogramChart({ histograms, row, range, zeros, axis }: Props) {
  const [box, width] = useWidth();
  const hovered = useSignal('');
  const room = width - MARGIN.left - MARGIN.right;
  const data = { counts: countsAt(histograms, row), edges: histograms.edges, range, zeros };
  const { bars, ticks } =
    axis === 'linear'
      ? linearShape(data, Math.max(1, Math.floor(room / COLUMN_WIDTH)))
      : symlogShape(data, room);
  const toX = (share: number) => MARGIN.left + share * room;
  const toY = (height: number) => PLOT_BOTTOM - height * (PLOT_BOTTOM - MARGIN.top);
  const area = bars
    .map(({ from, to, height }) => `L${toX(from)} ${toY(height)}L${toX(to)} ${toY(height)}`)
    .join('');
  return (
    <div ref={box} class="lv-chart">
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`Histogram from ${formatShort(range[0])} to ${formatShort(range[1])}`}
        onPointerMove={event => {
          const at = (event.offsetX - MARGIN.left) / room;
          hovered.value = bars.find(({ from, to }) => at >= from && at < to)?.words ?? '';
        }}
        onPointerLeave={() => {
          hovered.value = '';
        }}
      >
        <path
          class="lv-histogram"
          d={`M${toX(0)} ${PLOT_BOTTOM}${area}L${toX(1)} ${PLOT_BOTTOM}Z`}
        />
        {ticks.map(({ at, text }) => (
          <g key={at} class="lv-tick">
            <path d={`M${toX(at)} ${PLOT_BOTTOM}v4`} />
            <text
              x={toX(at)}
              y={HEIGHT - 5}
              text-anchor={at === 0 ? 'start' : at > 0.98 ? 'end' : 'middle'}
            >
              {text}
            </text>
          </g>
        ))}
      </svg>
      <div class="lv-chart-note" aria-live="off">
        {hovered.value}
      </div>
    </div>
  );
}
