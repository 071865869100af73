import { describe, expect, test } from 'vitest';
import { MAX_ANSWER_ELEMENTS, planOf, tensorIndex } from '../../src/state/plan';
import { tensor } from '../support/fakeServer';

const FIRST = { sample: 0, lead: {}, page: 0 };
const FEATURE_MAPS = ['Sample', 'Filter', 'Row', 'Column'];
const KERNELS = ['Output Channel', 'Input Channel', 'Row', 'Column'];

describe('planOf', () => {
  test.each([
    ['feature maps of one sample', 'c/output', [4, 64, 12, 12], FEATURE_MAPS, 'gallery', '2,:,:,:'],
    ['convolution kernels', 'c/param.weight', [64, 32, 3, 3], KERNELS, 'kernels', ':,:,:,:'],
    ['a weight matrix', 'f/param.weight', [10, 64], ['Out', 'In'], 'heatmap', ':,:'],
    ['a bias', 'f/param.bias', [10], ['Out'], 'strip', ':'],
    ['outputs of a linear layer', 'f/output', [4, 10], ['Sample', 'Node'], 'strip', '2,:'],
    [
      'a token by feature output',
      'b/output',
      [4, 24, 96],
      ['Sample', 'T', 'F'],
      'heatmap',
      '2,:,:',
    ],
    ['a number', '/param.scale', [], [], 'scalar', '...'],
    ['a loss per sample', 'l/output', [4], ['Sample'], 'scalar', '2'],
    ['kernels of one dimension', 'c/param.weight', [8, 4, 3], ['O', 'I', 'P'], 'heatmap', '0,:,:'],
    ['inputs', '/sample.inputs', [4, 1, 28, 28], FEATURE_MAPS, 'gallery', ':,:,:,:'],
    ['predictions', '/sample.predictions', [4, 10], ['Sample', 'Node'], 'heatmap', ':,:'],
    ['targets', '/sample.targets', [4], ['Sample'], 'strip', ':'],
  ])('the_layout_suits: %s', (_name, key, shape, axes, layout, slice) => {
    const plan = planOf(tensor(key, shape, axes), { ...FIRST, sample: 2 });
    expect([plan.layout, plan.slice]).toEqual([layout, slice]);
  });

  test('leading_axes_of_other_ranks_are_picked_from', () => {
    const volume = tensor('c/output', [2, 8, 5, 6, 7], ['Sample', 'Filter', 'Depth', 'Row', 'Col']);
    const plan = planOf(volume, { sample: 1, lead: { 1: 3, 2: 4 }, page: 0 });
    expect(plan.slice).toBe('1,3,4,:,:');
    expect(plan.picks.map(({ name, extent, index }) => [name, extent, index])).toEqual([
      ['Sample', 2, 1],
      ['Filter', 8, 3],
      ['Depth', 5, 4],
    ]);
  });

  test('an_index_beyond_an_axis_is_its_last', () => {
    const plan = planOf(tensor('c/output', [4, 2, 3, 3], FEATURE_MAPS), { ...FIRST, sample: 9 });
    expect(plan.slice).toBe('3,:,:,:');
  });

  test('a_tensor_larger_than_one_answer_is_shown_in_parts_that_fit', () => {
    const embedding = tensor('e/param.weight', [50_257, 768], ['Token', 'Feature']);
    const plan = planOf(embedding, { ...FIRST, page: 1 });
    const { start = 0, stop = 0 } = plan.window ?? {};
    expect((stop - start) * 768).toBeLessThanOrEqual(MAX_ANSWER_ELEMENTS);
    expect(plan.slice).toBe(`${start}:${stop},:`);
    expect(planOf(embedding, FIRST).window?.stop).toBe(start);
    expect(planOf(embedding, { ...FIRST, page: 99 }).window?.stop).toBe(50_257);
  });

  test('an_index_into_the_picture_becomes_one_into_the_tensor', () => {
    const maps = planOf(tensor('c/output', [4, 64, 12, 12], FEATURE_MAPS), { ...FIRST, sample: 3 });
    expect(tensorIndex(maps, [5, 7, 11])).toEqual([3, 5, 7, 11]);
    const part = planOf(tensor('e/param.weight', [50_257, 768], ['T', 'F']), { ...FIRST, page: 1 });
    expect(tensorIndex(part, [2, 3])).toEqual([(part.window?.start ?? 0) + 2, 3]);
  });
});
