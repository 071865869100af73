import type { Catalog, Module, Tensor } from '../contract/messages';

/** A module with what is below it. The group of the recorded samples is a node without a module. */
export interface TreeNode {
  /** The module path; that of the samples is `SAMPLES_PATH`, which no module can have. */
  path: string;
  /** The last component of the path: what `print(model)` puts in parentheses. */
  name: string;
  module: Module | null;
  children: TreeNode[];
  tensors: Tensor[];
}

export const SAMPLES_PATH = '/sample';

/** The tree of a catalog: the samples, where there are any, then the model. */
export function buildTree(catalog: Pick<Catalog, 'modules' | 'tensors'>): TreeNode[] {
  const nodes = new Map<string, TreeNode>();
  const node = (path: string): TreeNode => {
    const known = nodes.get(path);
    if (known) return known;
    const cut = path.lastIndexOf('.');
    const created: TreeNode = {
      path,
      name: path.slice(cut + 1),
      module: null,
      children: [],
      tensors: [],
    };
    nodes.set(path, created);
    if (path !== '') node(cut < 0 ? '' : path.slice(0, cut)).children.push(created);
    return created;
  };
  const inOrder = [...catalog.modules].sort((a, b) => a.order - b.order);
  for (const module of inOrder) node(module.path).module = module;
  const samples: Tensor[] = [];
  for (const tensor of catalog.tensors) {
    if (tensor.kind === 'sample') samples.push(tensor);
    else node(tensor.module).tensors.push(tensor);
  }
  const root = node('');
  const model = root.module !== null || root.children.length > 0 || root.tensors.length > 0;
  return [...(samples.length > 0 ? [samplesNode(samples)] : []), ...(model ? [root] : [])];
}

function samplesNode(tensors: Tensor[]): TreeNode {
  return { path: SAMPLES_PATH, name: 'samples', module: null, children: [], tensors };
}

/** One line of the tree as it is shown. */
export type TreeRow =
  | { type: 'module'; id: string; depth: number; node: TreeNode; open: boolean; leaf: boolean }
  | { type: 'tensor'; id: string; depth: number; tensor: Tensor; node: TreeNode };

/** What of the tree is to be seen: a module that passes is seen with its tensors. */
export interface TreeFilter {
  readonly module: (node: TreeNode) => boolean;
  readonly tensor: (tensor: Tensor, node: TreeNode) => boolean;
}

/**
 * The lines of the tree, top to bottom. Under a filter, what matches is shown with all that leads
 * to it, and everything shown is open; a module that matches shows its tensors.
 */
export function treeRows(
  roots: readonly TreeNode[],
  isOpen: (path: string) => boolean,
  filter: TreeFilter | null,
): TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (node: TreeNode, depth: number): boolean => {
    const place = rows.length;
    const whole = filter === null || filter.module(node);
    const open = filter !== null || isOpen(node.path);
    const leaf = node.children.length === 0 && node.tensors.length === 0;
    rows.push({ type: 'module', id: node.path, depth, node, open: open && !leaf, leaf });
    let kept = whole;
    if (open) {
      for (const tensor of node.tensors) {
        if (!whole && !filter?.tensor(tensor, node)) continue;
        rows.push({ type: 'tensor', id: tensor.key, depth: depth + 1, tensor, node });
        kept = true;
      }
      for (const child of node.children) kept = visit(child, depth + 1) || kept;
    }
    if (!kept) rows.length = place;
    return kept;
  };
  for (const root of roots) visit(root, 0);
  return rows;
}

/** All paths of a tree, a parent before its children. */
export function allPaths(roots: readonly TreeNode[]): string[] {
  return roots.flatMap(root => [root.path, ...allPaths(root.children)]);
}

/** All tensors at and below a node. */
export function tensorsBelow(node: TreeNode): Tensor[] {
  return [...node.tensors, ...node.children.flatMap(tensorsBelow)];
}

/** The tensor that stands for a module: its output, else its first parameter, else what there is. */
export function mainTensor(tensors: readonly Tensor[]): Tensor | null {
  return (
    tensors.find(tensor => tensor.kind === 'output') ??
    tensors.find(tensor => tensor.kind === 'param') ??
    tensors[0] ??
    null
  );
}
