import { type Signal, useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';

import type { Placements } from '../gl/compose';
import type { Placement } from '../gl/pixelAxis';
import { type Fit, isZoomed, panned, revealed, zoomed } from './view';

/** Where a view begins and ends along an axis, in cells; the end is not part of it. */
export type Span = readonly [from: number, to: number];

/** The part of a picture that is shown: the same on every screen. */
export interface Region {
  /** Of which picture, by its extents; a link does not say, and means the one that it opens. */
  readonly extents?: string | undefined;
  readonly rows: Span;
  readonly cols: Span;
}

export interface ViewControl {
  readonly view: Placements;
  readonly isZoomed: boolean;
  /** Zooms about a device pixel; returns whether the view changed. */
  readonly zoom: (factor: number, x: number, y: number) => boolean;
  /** Moves the picture by device pixels; returns whether the view changed. */
  readonly pan: (dx: number, dy: number) => boolean;
  /** Brings a cell, whose starts are given in cells, into the view. */
  readonly reveal: (rowStart: number, colStart: number) => void;
  readonly reset: () => void;
}

function spanOf(placement: Placement, pixels: number): Span {
  return [placement.origin, placement.origin + pixels / placement.scale];
}

function placementOf([from, to]: Span, fitted: Placement, pixels: number): Placement {
  return { ...fitted, origin: from, scale: pixels / Math.max(to - from, Number.MIN_VALUE) };
}

/**
 * What part of a picture is shown. The view stays while data of the same extents replaces what was
 * there (another step, another sample), and starts anew with other extents. Pictures that are given
 * the same `shared` region show the same part.
 */
export function useView(fit: Fit, shared?: Signal<Region | null>): ViewControl {
  const own = useSignal<Region | null>(null);
  const region = shared ?? own;
  const extents = `${fit.rowExtent} ${fit.colExtent}`;
  const kept = region.value;
  const view = useMemo(() => {
    if (kept === null || (kept.extents ?? extents) !== extents) return fit.placements;
    const rows = placementOf(kept.rows, fit.placements.rows, fit.height);
    const cols = placementOf(kept.cols, fit.placements.cols, fit.width);
    // Zooming by one clamps a view that was made for another size of the picture.
    return zoomed(fit, { rows, cols }, 1, 0, 0);
  }, [kept, extents, fit]);
  const keep = (next: Placements) => {
    region.value = isZoomed(fit, next)
      ? { extents, rows: spanOf(next.rows, fit.height), cols: spanOf(next.cols, fit.width) }
      : null;
  };
  return {
    view,
    isZoomed: isZoomed(fit, view),
    zoom: (factor, x, y) => {
      const next = zoomed(fit, view, factor, x, y);
      const changed = next.rows.scale !== view.rows.scale || next.cols.scale !== view.cols.scale;
      if (changed) keep(next);
      return changed;
    },
    pan: (dx, dy) => {
      const next = panned(fit, view, dx, dy);
      const changed =
        next.rows.origin !== view.rows.origin || next.cols.origin !== view.cols.origin;
      if (changed) keep(next);
      return changed;
    },
    reveal: (rowStart, colStart) => keep(revealed(fit, view, rowStart, colStart)),
    reset: () => {
      region.value = null;
    },
  };
}
