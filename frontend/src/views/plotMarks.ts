import type uPlot from 'uplot';
import { addVectors, svgElement } from './plotSvg';

/** A line where the shown step is. */
export function stepMark(step: () => number | null, color: string): uPlot.Plugin {
  return {
    hooks: {
      ready: chart =>
        addVectors(chart, () => {
          const at = step();
          if (at === null) return [];
          const end = chart.over.clientWidth;
          const place = chart.valToPos(at, 'x');
          if (place < -1 || place > end + 1) return [];
          const x = Math.min(place, end - 0.5);
          const line = { d: `M${x} 0V${chart.over.clientHeight}`, stroke: color, fill: 'none' };
          return [svgElement('path', line)];
        }),
      draw: chart => {
        const at = step();
        if (at === null) return;
        const { ctx, bbox } = chart;
        const place = chart.valToPos(at, 'x', true);
        const end = bbox.left + bbox.width;
        if (place < bbox.left - 1 || place > end + 1) return;
        // The newest step is at the very end, where half of the line would be cut off.
        const x = Math.min(Math.max(Math.round(place), bbox.left), end - 1) + 0.5;
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
      ready: chart =>
        addVectors(chart, () => {
          const width = chart.over.clientWidth;
          // Those on one pixel are one to the eye.
          const pixels = new Set([...steps()].map(step => Math.round(chart.valToPos(step, 'x'))));
          const seen = [...pixels].filter(x => x >= 0 && x <= width);
          const d = seen.map(x => `M${x - MARK_PX} 0H${x + MARK_PX}L${x} ${2 * MARK_PX}Z`).join('');
          return d === '' ? [] : [svgElement('path', { d, fill: color })];
        }),
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
