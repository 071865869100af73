import type { Kind, Tensor } from '../contract/messages';
import { buildTree, type TreeNode } from './tree';

/**
 * When the tensors of a step come into being: parameters, buffers and what the step was given are
 * there before the forward; then outputs, those of a container after those of what is in it; then
 * predictions; gradients last, in the opposite order.
 */
const PHASES: Readonly<Record<Kind, number>> = {
  param: 0,
  buffer: 0,
  sample: 0,
  input: 1,
  tap: 1,
  output: 1,
  output_grad: 3,
  grad: 3,
};
const PREDICTIONS_PHASE = 2;
const BACKWARD_PHASE = 3;

function phaseOf(tensor: Tensor): number {
  return tensor.key === '/sample.predictions' ? PREDICTIONS_PHASE : PHASES[tensor.kind];
}

function inOrderOfEnd(node: TreeNode): Tensor[] {
  const inputs = node.tensors.filter(tensor => tensor.kind === 'input');
  const others = node.tensors.filter(tensor => tensor.kind !== 'input');
  return [...inputs, ...node.children.flatMap(inOrderOfEnd), ...others];
}

/**
 * The keys in the order in which they could have passed something on to one another: of two that
 * hold a NaN at the same step, the earlier is nearer to where it came from.
 */
export function causeOrder(catalog: Parameters<typeof buildTree>[0]): string[] {
  const ended = buildTree(catalog).flatMap(inOrderOfEnd);
  const phase = (wanted: number) => ended.filter(tensor => phaseOf(tensor) === wanted);
  const ordered = [
    ...phase(0),
    ...phase(1),
    ...phase(PREDICTIONS_PHASE),
    ...phase(BACKWARD_PHASE).reverse(),
  ];
  return ordered.map(tensor => tensor.key);
}
