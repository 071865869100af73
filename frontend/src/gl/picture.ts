import type { Scale } from '../scale/types';
import type { PanelGrid } from './panelGrid';
import { PIXEL_FIELDS, type PixelAxis } from './pixelAxis';

/** One picture to draw: a grid, what lies under each column and row of pixels, and the scale. */
export interface Picture {
  readonly grid: PanelGrid;
  readonly columns: PixelAxis;
  readonly rows: PixelAxis;
  readonly scale: Scale;
  /** Whether large special cells carry their mark. */
  readonly marks: boolean;
}

/** In device pixels. */
export function pictureWidth(picture: Picture): number {
  return picture.columns.length / PIXEL_FIELDS;
}

/** In device pixels. */
export function pictureHeight(picture: Picture): number {
  return picture.rows.length / PIXEL_FIELDS;
}
