import type { Kind, Module, Tensor } from '../contract/messages';

/** The parts of a key, `<module path>/<kind>[.<name>][#<call>]`. */
export interface KeyParts {
  module: string;
  kind: string;
  name: string;
  /** Which call of the module within one forward, from 0. */
  call: number;
}

/** The parts of `key`; null where it is none. */
export function parseKey(key: string): KeyParts | null {
  const match = /^([^/#]*)\/([a-z_]+)(?:\.([^#]*))?(?:#(\d+))?$/.exec(key);
  if (!match) return null;
  return {
    module: match[1] ?? '',
    kind: match[2] ?? '',
    name: match[3] ?? '',
    call: Number(match[4] ?? 0),
  };
}

/**
 * A key as it is read: the root of the model, whose path is empty, is called by its class, as in the
 * tree; what was given to a step stands under `Samples`. What `log[...]` takes is the key itself.
 */
export function keyText(key: string, root = 'model'): string {
  if (!key.startsWith('/')) return key;
  return key.startsWith('/sample.') ? `Samples/${key.slice('/sample.'.length)}` : `${root}${key}`;
}

const KIND_LABELS: Readonly<Record<Kind, string>> = {
  param: 'parameter',
  buffer: 'buffer',
  grad: 'gradient',
  input: 'input',
  output: 'output',
  output_grad: 'output gradient',
  tap: 'tap',
  sample: 'sample',
};

/** The kind in words. */
export function kindLabel(kind: Kind): string {
  return KIND_LABELS[kind];
}

/**
 * What a tensor is called below its module: `weight`, `weight gradient`, `output`, `output 1`.
 * A second call of a module within one forward is `output, call 2`.
 */
export function tensorLabel(tensor: Pick<Tensor, 'key' | 'kind'>): string {
  const parts = parseKey(tensor.key);
  if (parts === null) return tensor.key;
  const named =
    parts.name === '' ? kindLabel(tensor.kind) : `${kindLabel(tensor.kind)} ${parts.name}`;
  const label =
    parts.name !== '' &&
    (tensor.kind === 'param' || tensor.kind === 'sample' || tensor.kind === 'tap')
      ? parts.name
      : tensor.kind === 'grad' && parts.name !== ''
        ? `${parts.name} gradient`
        : named;
  return parts.call === 0 ? label : `${label}, call ${parts.call + 1}`;
}

/** Where a module path is in Python: `conv2.0` of `model` is `model.conv2[0]`. */
export function pythonLocation(path: string, root = 'model'): string {
  if (path === '') return root;
  return path.split('.').reduce((location, part) => {
    if (/^\d+$/.test(part)) return `${location}[${part}]`;
    if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(part)) return `${location}.${part}`;
    return `${location}[${JSON.stringify(part)}]`;
  }, root);
}

/** Where a tensor is in Python where it has such a place (parameters, buffers, gradients), else its module's. */
export function tensorLocation(tensor: Pick<Tensor, 'key' | 'kind' | 'module'>): string {
  const module = pythonLocation(tensor.module);
  const name = parseKey(tensor.key)?.name ?? '';
  if (name === '') return module;
  if (tensor.kind === 'param' || tensor.kind === 'buffer') return `${module}.${name}`;
  if (tensor.kind === 'grad') return `${module}.${name}.grad`;
  return module;
}

/**
 * A module as `print(model)` has it, in one line: `Conv2d(1, 32, ...)`; of a module without
 * arguments, its class.
 */
export function moduleText({ repr, class_name }: Pick<Module, 'repr' | 'class_name'>): string {
  return repr === `${class_name}()` ? class_name : repr;
}

/** A shape as PyTorch prints it: `(4, 64, 12, 12)`, `(10,)`, `()`. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}
