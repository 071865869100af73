import type { Placements } from '../gl/compose';
import type { PixelAxis } from '../gl/pixelAxis';
import type { Cell } from '../gl/rasterize';
import type { Readout } from './readout';
import type { Fit } from './view';

/** Which lines hold a NaN or an infinity, and where they lie on the pixels. */
export interface NonFinitePlaces {
  readonly rowFlags: Uint8Array;
  readonly colFlags: Uint8Array;
  readonly rows: PixelAxis;
  readonly columns: PixelAxis;
}

/** What is seen in one view. Cells are those that are drawn: elements, or blocks of a level. */
export interface Scene {
  /** How many lines of elements a cell is high and wide. */
  readonly block: number;
  readonly draw: (canvas: HTMLCanvasElement) => void;
  /** The cell under a device pixel; null in gaps and outside. */
  readonly cellAt: (x: number, y: number) => Cell | null;
  /** What the element of a cell is called; null where the cell is blank. */
  readonly describe: (cell: Cell) => Readout | null;
  /** Null where nothing needs to be pointed at. */
  readonly nonFinite: NonFinitePlaces | null;
}

export type SceneOf = (view: Placements, fit: Fit) => Scene;
