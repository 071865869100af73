import type uPlot from 'uplot';

/** What the charts over the steps have in common. */

export const PLOT_HEIGHT_PX = 170;
export const LINE_WIDTH = 1.5;
const AXIS_WIDTH_PX = 56;
const AXIS_HEIGHT_PX = 26;

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
  return [
    { ...common, size: AXIS_HEIGHT_PX },
    {
      ...common,
      size: AXIS_WIDTH_PX,
      values: (_chart, ticks) => ticks.map(tick => (tick === null ? '' : words(tick))),
    },
  ];
}

/** A line where the shown step is. */
export function stepMark(step: () => number | null, color: string): uPlot.Plugin {
  return {
    hooks: {
      draw: chart => {
        const at = step();
        if (at === null) return;
        const x = Math.round(chart.valToPos(at, 'x', true)) + 0.5;
        const { ctx, bbox } = chart;
        if (x < bbox.left || x > bbox.left + bbox.width) return;
        ctx.save();
        ctx.strokeStyle = color;
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        ctx.restore();
      },
    },
  };
}

const MARK_PX = 4;

/** Triangles at the top where something is not finite: at these steps there may be no value at all. */
export function badMarks(steps: () => Iterable<number>, color: string): uPlot.Plugin {
  return {
    hooks: {
      draw: chart => {
        const { ctx, bbox } = chart;
        const side = MARK_PX * devicePixelRatio;
        ctx.save();
        ctx.fillStyle = color;
        for (const step of steps()) {
          const x = chart.valToPos(step, 'x', true);
          if (x < bbox.left || x > bbox.left + bbox.width) continue;
          ctx.beginPath();
          ctx.moveTo(x - side, bbox.top);
          ctx.lineTo(x + side, bbox.top);
          ctx.lineTo(x, bbox.top + 2 * side);
          ctx.fill();
        }
        ctx.restore();
      },
    },
  };
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
