/** The filter box above the layer tree. */

import { compiled } from '../api/expressions';
import type { Kind, Tensor } from '../contract/messages';
import { allPaths, type TreeFilter, type TreeNode, tensorsBelow } from './tree';

export type Matches = (candidate: string) => boolean;

/** Names of several large models; spelling them anew at every key takes longer than all else. */
const MAX_SPELLED = 200_000;
const spelled = new Map<string, string>();

/** `conv2[0]` and `model.conv2.0` are the same place: compare them in one spelling. */
function canonical(text: string): string {
  const known = spelled.get(text);
  if (known !== undefined) return known;
  const spelling = text
    .trim()
    .replace(/\[(\d+)\]/g, '.$1')
    .replace(/^model\./, '')
    .toLowerCase();
  if (spelled.size >= MAX_SPELLED) spelled.clear();
  spelled.set(text, spelling);
  return spelling;
}

/** Whether a glob stands for the whole of a text; takes no longer than their lengths multiplied. */
function isGlobOf(glob: string, text: string): boolean {
  let [place, at, star, retry] = [0, 0, -1, 0];
  while (at < text.length) {
    if (glob[place] === '*') {
      star = place++;
      retry = at;
    } else if (place < glob.length && (glob[place] === '?' || glob[place] === text[at])) {
      place++;
      at++;
    } else if (star >= 0) {
      // The last star stands for one letter more.
      place = star + 1;
      at = ++retry;
    } else return false;
  }
  while (glob[place] === '*') place++;
  return place === glob.length;
}

/** What stands between slashes; undefined of another word. */
function expressionOf(word: string): string | undefined {
  return /^\/(.+)\/$/s.exec(word.trim())?.[1];
}

/** Which names a regular expression is found in. */
export type FoundIn = (expression: string) => Matches;

/**
 * Which names a word lets through; null where it is empty and lets all through. Text matches
 * anywhere in a name; with `*` or `?` it is a glob over the whole name, between slashes a regular
 * expression, which `foundIn` knows of. Case does not matter.
 *
 * @throws SyntaxError where it is no regular expression.
 */
export function nameFilter(text: string, foundIn: FoundIn): Matches | null {
  const expression = expressionOf(text);
  if (expression !== undefined) {
    compiled(expression);
    return foundIn(expression);
  }
  const wanted = canonical(text);
  if (wanted === '') return null;
  if (!/[*?]/.test(wanted)) return candidate => canonical(candidate).includes(wanted);
  return candidate => isGlobOf(wanted, canonical(candidate));
}

interface Word {
  /** What is before the colon, if that is a word of the filter's own. */
  field: string | undefined;
  wanted: string;
}

function wordsOf(text: string): Word[] {
  const words = text.trim().split(/\s+/).filter(Boolean);
  return words.map(word => {
    const [, field, wanted] = /^(class|kind|is):(.*)$/s.exec(word) ?? [];
    return { field, wanted: wanted ?? word };
  });
}

/** The regular expressions of a filter that can be tried. */
export function expressionsIn(text: string): string[] {
  const names = wordsOf(text).filter(({ field }) => field === undefined || field === 'class');
  return names.flatMap(({ wanted }) => {
    const expression = expressionOf(wanted);
    if (expression === undefined) return [];
    try {
      compiled(expression);
    } catch {
      return []; // `treeFilter` says so.
    }
    return [expression];
  });
}

/** All that an expression may be looked for in: keys, paths and classes. */
export function namesOf(roots: readonly TreeNode[]): string[] {
  const classes = (node: TreeNode): string[] => [
    node.module?.class_name ?? '',
    ...node.children.flatMap(classes),
  ];
  const keys = roots.flatMap(root => tensorsBelow(root)).map(({ key }) => key);
  return [...new Set([...keys, ...allPaths(roots), ...roots.flatMap(classes)])];
}

export interface Parsed {
  readonly filter: TreeFilter | null;
  /** Why a word cannot be understood; null where all can. */
  readonly error: string | null;
}

type TensorTest = (tensor: Tensor, node: TreeNode) => boolean;

const KINDS: readonly Kind[] = [
  'param',
  'buffer',
  'grad',
  'input',
  'output',
  'output_grad',
  'tap',
  'sample',
];

/**
 * What the words of the filter let through, all of them together: `class:` and `kind:` say of what,
 * `is:bad` leaves what `badKeys` has. A plain word is looked for in names; only where no name has
 * it, in the classes of modules: `conv2` is a layer of that name, and not every Conv2d.
 */
export function treeFilter(
  text: string,
  roots: readonly TreeNode[],
  badKeys: ReadonlySet<string>,
  foundIn: FoundIn,
): Parsed {
  const names: Matches[] = [];
  const tests: TensorTest[] = [];
  const classes: Matches[] = [];
  for (const { field, wanted } of wordsOf(text)) {
    try {
      if (field === 'kind') {
        const kind = KINDS.find(known => known === wanted);
        if (kind === undefined) {
          return { filter: null, error: `kind: is one of ${KINDS.join(', ')}` };
        }
        tests.push(tensor => tensor.kind === kind);
      } else if (field === 'is') {
        if (wanted !== 'bad') return { filter: null, error: 'is: can be is:bad' };
        tests.push(tensor => badKeys.has(tensor.key));
      } else {
        const matches = nameFilter(wanted, foundIn);
        if (matches !== null) (field === 'class' ? classes : names).push(matches);
      }
    } catch (error) {
      return { filter: null, error: error instanceof Error ? error.message : String(error) };
    }
  }
  if (names.length + tests.length + classes.length === 0) return { filter: null, error: null };
  const known = [
    ...roots.flatMap(root => tensorsBelow(root)).map(({ key }) => key),
    ...allPaths(roots),
  ];
  const isName = names.map(matches => known.some(matches));
  const ofClass = (node: TreeNode, matches: Matches) =>
    node.module !== null && matches(node.module.class_name);
  const moduleHas = (node: TreeNode, matches: Matches, i: number) =>
    isName[i] ? matches(node.path) : ofClass(node, matches);
  const isClass = (node: TreeNode) => classes.every(matches => ofClass(node, matches));
  return {
    error: null,
    filter: {
      module: node =>
        tests.length === 0 && isClass(node) && names.every((m, i) => moduleHas(node, m, i)),
      tensor: (tensor, node) =>
        tests.every(test => test(tensor, node)) &&
        isClass(node) &&
        names.every((m, i) => moduleHas(node, m, i) || (isName[i] === true && m(tensor.key))),
    },
  };
}
