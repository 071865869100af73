import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

/** A chart but for its size. */
export interface Plotted {
  readonly options: Omit<uPlot.Options, 'width' | 'height'>;
  readonly data: uPlot.AlignedData;
}

/**
 * A chart over the steps that is as wide as its box: made when any of `makers` changes, and drawn
 * anew when `step` does, where `stepMark` marks that.
 */
export function usePlot(
  height: number,
  step: number | null,
  make: (target: HTMLElement) => Plotted,
  makers: readonly unknown[],
): [box: RefObject<HTMLDivElement | null>, chart: RefObject<uPlot | null>] {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: who calls this says what makes another chart
  useLayoutEffect(() => {
    const target = box.current;
    if (target === null) return;
    const { options, data } = make(target);
    const created = new uPlot({ width: target.clientWidth || 1, height, ...options }, data, target);
    chart.current = created;
    const observer = new ResizeObserver(() => {
      const width = target.clientWidth;
      if (width > 0) created.setSize({ width, height });
    });
    observer.observe(target);
    return () => {
      observer.disconnect();
      created.destroy();
      chart.current = null;
    };
  }, [height, ...makers]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the mark is drawn anew when the step changes
  useEffect(() => chart.current?.redraw(false), [step]);
  return [box, chart];
}
