import type { TreeRow } from '../state/tree';

/** What a key does in the tree: go to a row, open or close the present one, choose or pin it. */
export type TreeMove =
  | { type: 'go'; index: number }
  | { type: 'open'; open: boolean }
  | { type: 'choose' }
  | { type: 'pin' };

function parentIndex(rows: readonly TreeRow[], index: number): number {
  const depth = rows[index]?.depth ?? 0;
  for (let i = index - 1; i >= 0; i--) {
    if ((rows[i]?.depth ?? 0) < depth) return i;
  }
  return index;
}

type Move = (rows: readonly TreeRow[], index: number, row: TreeRow) => TreeMove;

function isClosable(row: TreeRow): row is TreeRow & { type: 'module' } {
  return row.type === 'module' && !row.leaf;
}

const go = (index: number): TreeMove => ({ type: 'go', index });

const goRight: Move = (_rows, index, row) => {
  if (isClosable(row) && !row.open) return { type: 'open', open: true };
  return go(isClosable(row) ? index + 1 : index);
};

const goLeft: Move = (rows, index, row) => {
  if (isClosable(row) && row.open) return { type: 'open', open: false };
  return go(parentIndex(rows, index));
};

/** The keys of the ARIA pattern "tree view", and one of ours, each with what it does. */
export const TREE_KEYS: readonly {
  readonly keys: Readonly<Record<string, Move>>;
  readonly meaning: string;
}[] = [
  {
    keys: {
      ArrowUp: (_rows, index) => go(Math.max(index - 1, 0)),
      ArrowDown: (rows, index) => go(Math.min(index + 1, rows.length - 1)),
    },
    meaning: 'go to a line',
  },
  { keys: { ArrowRight: goRight, ArrowLeft: goLeft }, meaning: 'open and close a layer' },
  {
    keys: { Home: () => go(0), End: rows => go(rows.length - 1) },
    meaning: 'first and last line',
  },
  {
    keys: { Enter: () => ({ type: 'choose' }), ' ': () => ({ type: 'choose' }) },
    meaning: 'show the tensor',
  },
  { keys: { p: () => ({ type: 'pin' }) }, meaning: 'put the tensor above the layers, or back' },
];

/** What a key does in the tree; null for one that means nothing here. */
export function treeKey(key: string, rows: readonly TreeRow[], index: number): TreeMove | null {
  const row = rows[index];
  const move = TREE_KEYS.find(({ keys }) => Object.hasOwn(keys, key))?.keys[key];
  return row === undefined || move === undefined ? null : move(rows, index, row);
}
