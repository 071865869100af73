import type { Kind } from '../contract/messages';
import type { Group } from './healthChoice';

export const GROUP_LABELS: Readonly<Record<Group, string>> = {
  outputs: 'outputs',
  gradients: 'gradients',
  parameters: 'parameters and buffers',
  everything: 'all tensors',
};

/** The kinds of the tensors of each group. */
export const GROUP_KINDS: Readonly<Record<Group, readonly Kind[]>> = {
  outputs: ['output', 'tap'],
  gradients: ['grad', 'output_grad'],
  parameters: ['param', 'buffer'],
  everything: ['sample', 'input', 'tap', 'output', 'param', 'buffer', 'grad', 'output_grad'],
};
