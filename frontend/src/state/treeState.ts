import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
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

/** A module and all that it is in. */
function ancestors(path: string): string[] {
  const parts = path.split('.');
  return ['', ...parts.map((_, i) => parts.slice(0, i + 1).join('.'))];
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

  /** Whether the whole tree is open at first. */
  readonly #small: ReadonlySignal<boolean>;

  readonly #stopRevealing: () => void;

  constructor(
    view: View,
    badKeys: () => ReadonlySet<string>,
    search: Search = async (expressions, names) => found(expressions, names),
  ) {
    this.roots = computed(() => {
      const catalog = view.shownCatalog.value;
      return catalog === null ? [] : buildTree(catalog);
    });
    this.#small = computed(() => allPaths(this.roots.value).length <= OPEN_WHOLE_LIMIT);
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
      const isOpen = (path: string) => this.#isOpen(path);
      return treeRows(this.roots.value, isOpen, parsed.value.filter);
    });
    // From a link, a finding or a cell of the health map: what is shown is shown in the tree, too.
    const shown = computed(() => view.tensor.value?.module ?? null);
    this.#stopRevealing = effect(() => {
      const path = shown.value;
      if (path !== null) untracked(() => this.#reveal(path));
    });
  }

  dispose(): void {
    this.#stopRevealing();
    this.#looked.dispose();
  }

  /** Open what is around a module, so that its tensors are to be seen. */
  #reveal(path: string): void {
    const closed = ancestors(path).filter(each => !this.#isOpen(each));
    if (closed.length === 0) return;
    const opened = closed.map((each): [string, boolean] => [each, true]);
    this.#toggled.value = new Map([...this.#toggled.value, ...opened]);
  }

  #isOpen(path: string): boolean {
    return this.#toggled.value.get(path) ?? (this.#small.value || depthOf(path) < 2);
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
