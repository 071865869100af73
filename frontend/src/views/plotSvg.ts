/** The charts over the steps as vectors: twins of what is painted, for pictures that are saved. */

import type uPlot from 'uplot';
import { decimated, type Point, stretches } from './decimate';

const SVG = 'http://www.w3.org/2000/svg';
const FONT_PX = 11;
const TICK_PX = 10;
const LABEL_GAP_PX = 15;
const MARK_RADIUS_PX = 2;

export function svgElement(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

interface Tick {
  readonly at: number;
  readonly text: string;
}

interface Known {
  readonly chart: uPlot;
  /** What is filled between two lines. */
  bands: readonly uPlot.Band[];
  /** By axis, as they were last painted. */
  readonly ticks: Map<'x' | 'y', readonly Tick[]>;
  /** What lies over the lines. */
  readonly vectors: (() => SVGElement[])[];
}

/** By the element that a chart lies in. */
const known = new WeakMap<Element, Known>();

function knownOf(chart: uPlot): Known {
  const found = known.get(chart.root) ?? { chart, bands: [], ticks: new Map(), vectors: [] };
  known.set(chart.root, found);
  return found;
}

/** Tells what is painted over the lines of a chart as vectors, in CSS pixels of its plot. */
export function addVectors(chart: uPlot, vectors: () => SVGElement[]): void {
  knownOf(chart).vectors.push(vectors);
}

/** Tells what is filled between the lines of a chart. */
export function tellBands(bands: readonly uPlot.Band[]): uPlot.Plugin {
  return {
    hooks: {
      ready: chart => {
        knownOf(chart).bands = bands;
      },
    },
  };
}

/** Tells the ticks of an axis with their words, each time that they are painted. */
export function tellTicks(chart: uPlot, axis: 'x' | 'y', ticks: readonly Tick[]): void {
  knownOf(chart).ticks.set(axis, ticks);
}

function pathOf(points: readonly Point[]): string {
  return points
    .map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(2)} ${y.toFixed(2)}`)
    .join('');
}

function paintOf(value: unknown, chart: uPlot, series: number): string {
  const paint: unknown = typeof value === 'function' ? value(chart, series) : value;
  return typeof paint === 'string' ? paint : 'none';
}

/** Where the first and the last are of the points that are seen, and those just beyond. */
function seenOf(chart: uPlot): [first: number, last: number] {
  const [steps] = chart.data;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = chart.scales.x ?? {};
  const first = steps.findIndex(step => step >= (min ?? Number.NEGATIVE_INFINITY));
  const last = steps.findLastIndex(step => step <= (max ?? Number.POSITIVE_INFINITY));
  return first < 0 ? [0, 0] : [Math.max(0, first - 1), last + 2];
}

/** The stretches of a series, in CSS pixels of the plot. */
function stretchesOf(chart: uPlot, series: number): Point[][] {
  const [first, last] = seenOf(chart);
  const toPoint = (step: number, value: number): Point => [
    chart.valToPos(step, 'x'),
    chart.valToPos(value, 'y'),
  ];
  const values = (chart.data[series] ?? []) as ArrayLike<number | null | undefined>;
  const part = Array.from(values).slice(first, last);
  return stretches(chart.data[0].slice(first, last), part, toPoint);
}

function bandsOf({ chart, bands }: Known): SVGElement[] {
  return bands.map(({ series: [upper, lower], fill }) => {
    const lowers = stretchesOf(chart, lower);
    const d = stretchesOf(chart, upper).map((points, i) => {
      const back = decimated(lowers[i] ?? []).reverse();
      return `${pathOf([...decimated(points), ...back])}Z`;
    });
    return svgElement('path', { d: d.join(''), fill: paintOf(fill, chart, upper) });
  });
}

function linesOf(chart: uPlot): SVGElement[] {
  return chart.series.flatMap((series, place) => {
    if (place === 0 || series.show === false) return [];
    const color = paintOf(series.stroke, chart, place);
    const found = stretchesOf(chart, place);
    const line = svgElement('path', {
      d: found.map(points => pathOf(decimated(points))).join(''),
      stroke: color,
      'stroke-width': series.width ?? 1,
      'stroke-dasharray': (series.dash ?? []).join(' '),
      'stroke-linejoin': 'round',
      fill: 'none',
    });
    // A point without neighbours has no line that leads to it.
    const lone = found.filter(({ length }) => length === 1).flat();
    const dots = lone.map(([cx, cy]) =>
      svgElement('circle', { cx, cy, r: MARK_RADIUS_PX, fill: color }),
    );
    return [line, ...dots];
  });
}

/** The grid and the words of an axis, in CSS pixels of the chart. */
function axisOf(
  chart: uPlot,
  name: 'x' | 'y',
  ticks: readonly Tick[],
  plot: DOMRect,
): SVGElement[] {
  const axis = chart.axes[name === 'x' ? 0 : 1];
  const grid = paintOf(axis?.grid?.stroke, chart, 0);
  const fill = paintOf(axis?.stroke, chart, 0);
  const isAcross = name === 'x';
  return ticks.flatMap(({ at, text }) => {
    const place = chart.valToPos(at, name);
    const end = isAcross ? plot.width : plot.height;
    if (place < -1 || place > end + 1) return [];
    const [x, y] = isAcross ? [plot.x + place, plot.bottom] : [plot.x, plot.y + place];
    const d = isAcross ? `M${x} ${plot.y}V${y + TICK_PX}` : `M${x - TICK_PX} ${y}H${plot.right}`;
    const words = svgElement('text', {
      x: isAcross ? x : x - LABEL_GAP_PX,
      y: isAcross ? y + LABEL_GAP_PX + FONT_PX * 0.7 : y + FONT_PX * 0.35,
      'text-anchor': isAcross ? 'middle' : 'end',
      'font-size': `${FONT_PX}px`,
      'font-family': 'system-ui, sans-serif',
      fill,
    });
    words.textContent = text;
    return [svgElement('path', { d, stroke: grid, fill: 'none' }), words];
  });
}

/** What is painted on a canvas as vectors, from its corner on; null where it is no chart of ours. */
export function vectorsOf(canvas: HTMLCanvasElement): SVGElement | null {
  const root = canvas.closest('.uplot');
  const found = root === null ? undefined : known.get(root);
  if (found === undefined) return null;
  const { chart, ticks, vectors } = found;
  const [outer, inner] = [canvas.getBoundingClientRect(), chart.over.getBoundingClientRect()];
  const plot = new DOMRect(inner.x - outer.x, inner.y - outer.y, inner.width, inner.height);
  const svg = svgElement('svg', { width: outer.width, height: outer.height, overflow: 'visible' });
  for (const [name, ofAxis] of ticks) svg.append(...axisOf(chart, name, ofAxis, plot));
  const { x, y, width, height } = plot;
  // A picture of its own cuts off what lies beyond the steps that are shown.
  const within = svgElement('svg', { x, y, width, height });
  within.append(...bandsOf(found), ...linesOf(chart), ...vectors.flatMap(made => made()));
  svg.append(within);
  return svg;
}
