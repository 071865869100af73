/** The filter box above the layer tree. */

import type { Kind, Tensor } from '../contract/messages';
import { allPaths, type TreeFilter, type TreeNode, tensorsBelow } from './tree';

export type Matches = (candidate: string) => boolean;

/** `conv2[0]` and `model.conv2.0` are the same place: compare them in one spelling. */
function canonical(text: string): string {
  return text
    .trim()
    .replace(/\[(\d+)\]/g, '.$1')
    .replace(/^model\./, '')
    .toLowerCase();
}

const SPECIAL = /[.+^${}()|\\[\]]/g;

/**
 * Which names a word lets through; null where it is empty and lets all through. Text matches
 * anywhere in a name; with `*` or `?` it is a glob over the whole name, between slashes a regular
 * expression. Case does not matter.
 *
 * @throws SyntaxError where it is no regular expression.
 */
export function nameFilter(text: string): Matches | null {
  const expression = /^\/(.+)\/$/s.exec(text.trim())?.[1];
  if (expression !== undefined) {
    const pattern = new RegExp(expression, 'is');
    return candidate => pattern.test(candidate);
  }
  const wanted = canonical(text);
  if (wanted === '') return null;
  if (!/[*?]/.test(wanted)) return candidate => canonical(candidate).includes(wanted);
  const source = wanted.replace(SPECIAL, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  const pattern = new RegExp(`^${source}$`, 's');
  return candidate => pattern.test(canonical(candidate));
}

interface Parsed {
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
): Parsed {
  const names: Matches[] = [];
  const tests: TensorTest[] = [];
  const classes: Matches[] = [];
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const [, field, wanted = ''] = /^(class|kind|is):(.*)$/.exec(word) ?? [];
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
        const matches = nameFilter(field === 'class' ? wanted : word);
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
