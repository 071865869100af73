import type { Cell } from '../gl/rasterize';

/** What a key does in a picture. */
export type PictureAction = 'move' | 'zoomIn' | 'zoomOut' | 'all' | 'pick' | 'leave';

/** The keys of a picture, each with what it does: the help lists them, the picture obeys them. */
export const PICTURE_KEYS: readonly {
  readonly keys: readonly string[];
  readonly action: PictureAction;
  readonly meaning: string;
}[] = [
  {
    keys: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'],
    action: 'move',
    meaning: 'from cell to cell; with Shift, pan',
  },
  { keys: ['Home', 'End'], action: 'move', meaning: 'first and last cell of the row' },
  { keys: ['+', '='], action: 'zoomIn', meaning: 'zoom in' },
  { keys: ['-'], action: 'zoomOut', meaning: 'zoom out' },
  { keys: ['0'], action: 'all', meaning: 'all of it again' },
  {
    keys: ['Enter'],
    action: 'pick',
    meaning: 'a map of a gallery large; a cell over all steps',
  },
  { keys: ['Escape'], action: 'leave', meaning: 'leave the cell' },
];

/** What a key does in a picture; null where it does nothing there. */
export function pictureAction(key: string): PictureAction | null {
  return PICTURE_KEYS.find(({ keys }) => keys.includes(key))?.action ?? null;
}

/** What share of the picture a step of panning moves. */
const PAN_SHARE = 0.25;

const DIRECTIONS: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** How far the picture moves, in pixels right and down, when a key is pressed with Shift. */
export function panAfter(
  key: string,
  width: number,
  height: number,
): [dx: number, dy: number] | null {
  const direction = DIRECTIONS[key];
  if (direction === undefined) return null;
  const [down, right] = direction;
  return [-right * width * PAN_SHARE, -down * height * PAN_SHARE];
}

/**
 * The cursor's cell after a key: a step of an arrow, or to either end of the row. The first key
 * brings the cursor to the first cell. Null where the key does not move it.
 */
export function cursorAfter(
  key: string,
  cursor: Cell | null,
  rows: number,
  cols: number,
): Cell | null {
  const direction = DIRECTIONS[key];
  const toEnd = key === 'Home' || key === 'End';
  if ((direction === undefined && !toEnd) || rows === 0 || cols === 0) return null;
  if (cursor === null) return [0, 0];
  if (key === 'Home') return [cursor[0], 0];
  if (key === 'End') return [cursor[0], cols - 1];
  const [down, right] = direction ?? [0, 0];
  return [
    Math.min(rows - 1, Math.max(0, cursor[0] + down)),
    Math.min(cols - 1, Math.max(0, cursor[1] + right)),
  ];
}
