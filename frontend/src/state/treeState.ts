import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { treeFilter } from './filter';
import { allPaths, buildTree, type TreeNode, type TreeRow, treeRows } from './tree';
import type { View } from './view';

/** Up to so many modules, the whole tree is open at first; of larger ones the first two levels. */
const OPEN_WHOLE_LIMIT = 150;

function depthOf(path: string): number {
  return path === '' ? 0 : path.split('.').length;
}

/** The layer tree as the user left it: what is open, and what the filter lets through. */
export class TreeState {
  readonly filter = signal('');
  /** Paths that the user opened (true) or closed (false). */
  readonly #toggled = signal<ReadonlyMap<string, boolean>>(new Map());
  readonly roots: ReadonlySignal<TreeNode[]>;
  readonly rows: ReadonlySignal<TreeRow[]>;

  /** Why the filter cannot be understood; null where it can. */
  readonly error: ReadonlySignal<string | null>;

  constructor(view: View, badKeys: () => ReadonlySet<string>) {
    this.roots = computed(() => {
      const catalog = view.shownCatalog.value;
      return catalog === null ? [] : buildTree(catalog);
    });
    const small = computed(() => allPaths(this.roots.value).length <= OPEN_WHOLE_LIMIT);
    const parsed = computed(() => treeFilter(this.filter.value, this.roots.value, badKeys()));
    this.error = computed(() => parsed.value.error);
    this.rows = computed(() => {
      const toggled = this.#toggled.value;
      const isOpen = (path: string) => toggled.get(path) ?? (small.value || depthOf(path) < 2);
      return treeRows(this.roots.value, isOpen, parsed.value.filter);
    });
  }

  setOpen(path: string, open: boolean): void {
    this.#toggled.value = new Map(this.#toggled.value).set(path, open);
  }

  /** Whether anything below the roots is to be seen. */
  get isAnyOpen(): boolean {
    return this.rows.value.some(row => row.type === 'module' && row.open && row.depth > 0);
  }

  setAllOpen(open: boolean): void {
    // The model itself stays open: a tree of one closed line shows nothing to open next.
    const paths = allPaths(this.roots.value).filter(path => open || path !== '');
    this.#toggled.value = new Map(paths.map(path => [path, open]));
  }
}
