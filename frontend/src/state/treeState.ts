import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { type Found, found, type Question, type Search } from '../api/expressions';
import { expressionsIn, namesOf, type Parsed, treeFilter } from './filter';
import { type Resource, resource } from './resource';
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

  /** Which names the regular expressions of the filter are found in. */
  readonly #looked: Resource<string, Found>;

  constructor(
    view: View,
    badKeys: () => ReadonlySet<string>,
    search: Search = async (expressions, names) => found(expressions, names),
  ) {
    this.roots = computed(() => {
      const catalog = view.shownCatalog.value;
      return catalog === null ? [] : buildTree(catalog);
    });
    const small = computed(() => allPaths(this.roots.value).length <= OPEN_WHOLE_LIMIT);
    // As text: a catalog that comes again with the same names asks for nothing new.
    const question = computed(() => {
      const expressions = expressionsIn(this.filter.value);
      const asked: Question = { expressions, names: namesOf(this.roots.value) };
      return expressions.length === 0 ? null : JSON.stringify(asked);
    });
    this.#looked = resource(
      () => question.value,
      (asked, signal) => {
        const { expressions, names }: Question = JSON.parse(asked);
        return search(expressions, names, signal);
      },
    );
    let last: Parsed = { filter: null, error: null };
    const parsed = computed(() => {
      const { answer, error, loading } = this.#looked;
      const failed = loading.value ? null : error.value;
      if (question.value !== null && answer.value?.request !== question.value) {
        // While it is looked for, what was there stays, so that nothing flickers.
        if (failed !== null) last = { filter: null, error: failed.message };
        return last;
      }
      const expressions = expressionsIn(this.filter.value);
      const sets = answer.value?.value.map(names => new Set(names)) ?? [];
      const foundIn = (expression: string) => {
        const known = sets[expressions.indexOf(expression)];
        return (name: string) => known?.has(name) ?? false;
      };
      last = treeFilter(this.filter.value, this.roots.value, badKeys(), foundIn);
      return last;
    });
    this.error = computed(() => parsed.value.error);
    this.rows = computed(() => {
      const toggled = this.#toggled.value;
      const isOpen = (path: string) => toggled.get(path) ?? (small.value || depthOf(path) < 2);
      return treeRows(this.roots.value, isOpen, parsed.value.filter);
    });
  }

  dispose(): void {
    this.#looked.dispose();
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
