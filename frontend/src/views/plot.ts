import type { Signal } from '@preact/signals';
import type uPlot from 'uplot';
import type { StepSpan } from '../state/stepSpan';
import { tellTicks } from './plotSvg';

/** What the charts over the steps have in common. */

export const PLOT_HEIGHT_PX = 170;
export const LINE_WIDTH = 1.5;
/** Points of lines of no more than these are marked, so that one sees where the steps are. */
const MAX_MARKED_POINTS = 60;
const POINT_PX = 4;
const AXIS_WIDTH_PX = 56;
const AXIS_HEIGHT_PX = 26;

/** A drag over less than this is a click. */
export const DRAG_PX = 6;
/** So long is waited for the second of two clicks where both together mean something else. */
const DOUBLE_CLICK_MS = 250;

const PERCENT = 100;

/** A share in words. */
export function percentText(share: number, format: (value: number) => string): string {
  return `${format(PERCENT * share)} %`;
}

/** The colours that the style sheets give to an element's names of them. */
export function themeColors(target: Element): (name: string) => string {
  const style = getComputedStyle(target);
  return name => style.getPropertyValue(name).trim();
}

/** Tells `hovered` which of the steps of a chart the pointer is at; null where it is at none. */
export function followPointer(hovered: Signal<number | null>): uPlot.Hooks.Arrays {
  return {
    setCursor: [
      ({ cursor }: uPlot) => {
        hovered.value = cursor.idx ?? null;
      },
    ],
  };
}

/** Steps below, values on the left in the words that `words` has for them. */
export function plotAxes(
  color: (name: string) => string,
  words: (value: number) => string,
): uPlot.Axis[] {
  const common = {
    stroke: color('--lv-muted'),
    grid: { stroke: color('--lv-border'), width: 1 },
    ticks: { stroke: color('--lv-border'), width: 1 },
    font: '11px system-ui',
  };
  const told = (axis: 'x' | 'y', textOf: (tick: number) => string) => {
    // Ticks without words are null.
    return (chart: uPlot, ticks: readonly (number | null)[]) => {
      const texts = ticks.map(tick => (tick === null ? '' : textOf(tick)));
      const known = ticks.flatMap((tick, i) =>
        tick === null ? [] : [{ at: tick, text: texts[i] ?? '' }],
      );
      tellTicks(chart, axis, known);
      return texts;
    };
  };
  return [
    { ...common, size: AXIS_HEIGHT_PX, values: told('x', step => step.toLocaleString('en')) },
    { ...common, size: AXIS_WIDTH_PX, values: told('y', words) },
  ];
}

/** Values as a chart takes them: what has no place on its axis is a gap. */
export function pointsOf(values: Float64Array, isLog: boolean): (number | null)[] {
  return Array.from(values, value =>
    Number.isFinite(value) && !(isLog && value <= 0) ? value : null,
  );
}

/** Whether a line has so few points that all are marked; a step of other lines is none of it. */
function areFew(values: ArrayLike<number | null | undefined>): boolean {
  let count = 0;
  for (let i = 0; i < values.length && count <= MAX_MARKED_POINTS; i++) {
    if (values[i] !== undefined) count++;
  }
  return count <= MAX_MARKED_POINTS;
}

/** A line; of many points only those are marked to which no line leads. */
export function lineOf(label: string, stroke: string, dash: readonly number[] = []): uPlot.Series {
  return {
    label,
    stroke,
    dash: [...dash],
    width: LINE_WIDTH,
    points: {
      show: true,
      size: POINT_PX,
      filter: (drawn, place) => {
        const values = drawn.data[place] ?? [];
        return areFew(values) ? null : lonePlaces(values);
      },
    },
  };
}

interface ZoomActions {
  readonly span: StepSpan;
  readonly onZoom: (span: StepSpan) => void;
  /** What a click on what is under the pointer means; null where it means nothing. */
  readonly clicked: (chart: uPlot) => (() => void) | null;
}

/** A drag chooses steps, a double click all of them; a click is told of. */
export function stepZoom(actions: () => ZoomActions): uPlot.Plugin {
  let dragged = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    opts: (_chart, options) => ({
      ...options,
      cursor: { ...options.cursor, drag: { x: true, y: false, setScale: false } },
    }),
    hooks: {
      setSelect: chart => {
        const { left, width } = chart.select;
        dragged = width >= DRAG_PX;
        if (!dragged) return;
        const [from, to] = [left, left + width].map(x => chart.posToVal(x, 'x'));
        chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        const span = [Math.ceil(from ?? 0), Math.floor(to ?? 0)] as const;
        if (span[0] <= span[1]) actions().onZoom(span);
      },
      ready: chart => {
        chart.over.addEventListener('click', () => {
          clearTimeout(timer);
          const { span, clicked } = actions();
          // What is pointed at now: the pointer may have left when the time is over.
          const act = dragged ? null : clicked(chart);
          dragged = false;
          if (act === null) return;
          if (span === null) act();
          else timer = setTimeout(act, DOUBLE_CLICK_MS);
        });
        chart.over.addEventListener('dblclick', () => {
          clearTimeout(timer);
          actions().onZoom(null);
        });
      },
      destroy: () => clearTimeout(timer),
    },
  };
}

/** The axis of steps, all or some of them. */
export function stepScale(span: StepSpan): uPlot.Scale {
  return { time: false, ...(span ? { range: () => [...span] } : {}) };
}

/** The places of values that have no neighbour, so that no line leads to them. */
export function lonePlaces(values: ArrayLike<number | null | undefined>): number[] {
  const known = Array.from(values, (value, at) => (value === undefined ? -1 : at)).filter(
    at => at >= 0,
  );
  return known.filter((at, i) => {
    const [before, after] = [known[i - 1], known[i + 1]];
    const isGap = (place: number | undefined) =>
      place === undefined || (values[place] ?? null) === null;
    return !isGap(at) && isGap(before) && isGap(after);
  });
}

/** What is as small as this beside the largest is drawn as zero on a logarithmic axis of both signs. */
const FLAT_SHARE = 1e-3;

/** A logarithmic axis for numbers of both signs, flat around zero. */
export function flattened(rows: readonly Float64Array[]): uPlot.Scale {
  let largest = 0;
  for (const row of rows) {
    for (const value of row) if (Math.abs(value) > largest) largest = Math.abs(value);
  }
  return { distr: 4, asinh: largest * FLAT_SHARE || 1 };
}
