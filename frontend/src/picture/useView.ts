import { useCallback, useState } from 'preact/hooks';

import type { Placements } from '../gl/compose';
import { type Fit, isZoomed, panned, revealed, zoomed } from './view';

interface Zoomed {
  readonly extents: string;
  readonly view: Placements;
}

export interface ViewControl {
  readonly view: Placements;
  readonly isZoomed: boolean;
  /** Zooms about a device pixel; returns whether the view changed. */
  readonly zoom: (factor: number, x: number, y: number) => boolean;
  /** Moves the picture by device pixels. */
  readonly pan: (dx: number, dy: number) => void;
  /** Brings a cell, whose starts are given in cells, into the view. */
  readonly reveal: (rowStart: number, colStart: number) => void;
  readonly reset: () => void;
}

/**
 * What part of a picture is shown. The view stays while data of the same extents replaces what was
 * there (another step, another sample), and starts anew with other extents.
 */
export function useView(fit: Fit): ViewControl {
  const [kept, setKept] = useState<Zoomed | null>(null);
  const extents = `${fit.rowExtent} ${fit.colExtent}`;
  // Zooming by one clamps a view that was made for another size of the picture.
  const view =
    kept !== null && kept.extents === extents ? zoomed(fit, kept.view, 1, 0, 0) : fit.placements;

  const keep = useCallback(
    (next: Placements) => setKept(isZoomed(fit, next) ? { extents, view: next } : null),
    [fit, extents],
  );
  return {
    view,
    isZoomed: isZoomed(fit, view),
    zoom: (factor, x, y) => {
      const next = zoomed(fit, view, factor, x, y);
      const changed = next.rows.scale !== view.rows.scale || next.cols.scale !== view.cols.scale;
      if (changed) keep(next);
      return changed;
    },
    pan: (dx, dy) => keep(panned(fit, view, dx, dy)),
    reveal: (rowStart, colStart) => keep(revealed(fit, view, rowStart, colStart)),
    reset: () => setKept(null),
  };
}
