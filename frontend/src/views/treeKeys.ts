import type { TreeRow } from '../state/tree';

/** What a key does in the tree: go to a row, open or close the present one, or choose it. */
export type TreeMove =
  | { type: 'go'; index: number }
  | { type: 'open'; open: boolean }
  | { type: 'choose' };

function parentIndex(rows: readonly TreeRow[], index: number): number {
  const depth = rows[index]?.depth ?? 0;
  for (let i = index - 1; i >= 0; i--) {
    if ((rows[i]?.depth ?? 0) < depth) return i;
  }
  return index;
}

/** The keys of the ARIA pattern "tree view"; null for a key that means nothing here. */
export function treeKey(key: string, rows: readonly TreeRow[], index: number): TreeMove | null {
  const row = rows[index];
  if (!row) return null;
  const closable = row.type === 'module' && !row.leaf;
  switch (key) {
    case 'ArrowDown':
      return { type: 'go', index: Math.min(index + 1, rows.length - 1) };
    case 'ArrowUp':
      return { type: 'go', index: Math.max(index - 1, 0) };
    case 'Home':
      return { type: 'go', index: 0 };
    case 'End':
      return { type: 'go', index: rows.length - 1 };
    case 'ArrowRight':
      if (closable && !row.open) return { type: 'open', open: true };
      return { type: 'go', index: closable ? index + 1 : index };
    case 'ArrowLeft':
      if (closable && row.open) return { type: 'open', open: false };
      return { type: 'go', index: parentIndex(rows, index) };
    case 'Enter':
    case ' ':
      return { type: 'choose' };
    default:
      return null;
  }
}
