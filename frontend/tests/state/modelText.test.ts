import { expect, test } from 'vitest';
import { modelText } from '../../src/state/modelText';
import { buildTree } from '../../src/state/tree';
import { module, recordedCnn } from '../support/fakeServer';

test('each_module_has_its_location_beside_it', () => {
  const { catalog } = recordedCnn();
  const layers = [
    module('', 'CNN', 0),
    module('conv', 'Sequential', 1),
    { ...module('conv.0', 'Conv2d', 2), repr: 'Conv2d(1, 2, kernel_size=(3, 3))' },
    module('heads.left', 'Linear', 3),
  ];
  const tensors = catalog.tensors.filter(({ kind }) => kind === 'sample');
  const text = modelText(buildTree({ modules: layers, tensors }));
  // What Python's eval of each location is, is what stands to its left.
  expect(text.split('\n').map(line => line.split(/ {2,}(?=model)/))).toEqual([
    ['CNN', 'model'],
    ['  (conv): Sequential', 'model.conv'],
    ['    (0): Conv2d(1, 2, kernel_size=(3, 3))', 'model.conv[0]'],
    ['  (heads): model', 'model.heads'],
    ['    (left): Linear', 'model.heads.left'],
  ]);
  expect(new Set(text.split('\n').map(line => line.indexOf('model.'))).size).toBe(2);
});
