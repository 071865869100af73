import { describe, expect, test } from 'vitest';
import { MAX_ANSWER_ELEMENTS } from '../../src/state/levels';
import { type Choice, planOf, shownSlice, tensorIndex, widenedBlocks } from '../../src/state/plan';
import { parseRoles } from '../../src/state/roles';
import { tensor } from '../support/fakeServer';

const WHOLE: Choice = { sample: 0, lead: {}, page: 0, level: null, plane: 'mean' };
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
    ['kernels of one dimension', 'c/param.weight', [8, 4, 3], ['O', 'I', 'P'], 'gallery', ':,:,:'],
    ['inputs', '/sample.inputs', [4, 1, 28, 28], FEATURE_MAPS, 'gallery', ':,:,:,:'],
    ['predictions', '/sample.predictions', [4, 10], ['Sample', 'Node'], 'heatmap', ':,:'],
    ['targets', '/sample.targets', [4], ['Sample'], 'strip', ':'],
  ])('the_layout_suits: %s', (_name, key, shape, axes, layout, slice) => {
    const plan = planOf(tensor(key, shape, axes), { ...WHOLE, sample: 2 });
    expect([plan.layout, plan.slice]).toEqual([layout, slice]);
  });

  test('axes_that_find_no_place_are_picked_from', () => {
    const volume = tensor('c/output', [2, 8, 5, 6, 7], ['Sample', 'Filter', 'Depth', 'Row', 'Col']);
    const plan = planOf(volume, { ...WHOLE, sample: 1, lead: { 1: 3, 2: 4 } });
    expect(plan.slice).toBe('1,:,4,:,:');
    expect(plan.picks.map(({ name, extent, index }) => [name, extent, index])).toEqual([
      ['Sample', 2, 1],
      ['Depth', 5, 4],
    ]);
  });

  test('an_index_beyond_an_axis_is_its_last_and_that_is_said', () => {
    const plan = planOf(tensor('c/output', [4, 2, 3, 3], FEATURE_MAPS), { ...WHOLE, sample: 9 });
    expect(plan.slice).toBe('3,:,:,:');
    expect(plan.misfits).toEqual(['Sample has 4: there is no 9, 3 is shown.']);
  });

  test('a_layout_or_a_part_that_does_not_fit_is_left_out_and_that_is_said', () => {
    const maps = tensor('c/output', [4, 2, 3, 3], FEATURE_MAPS);
    const roles = parseRoles('rc') ?? [];
    const plan = planOf(maps, { ...WHOLE, roles, crop: { 2: [5, 9], 3: [1, 7] } });
    expect(plan.slice).toBe('0,:,:,1:3');
    expect(plan.misfits).toEqual([
      'The layout that was chosen is of 2 axes, this tensor has 4: it is laid out as such tensors are.',
      'Row has 3: 5:9 does not lie within it, 0:3 is shown.',
      'Column has 3: 1:7 does not lie within it, 1:3 is shown.',
    ]);
    expect(planOf(maps, WHOLE).misfits).toEqual([]);
  });

  test('a_transposed_picture_has_its_axes_in_another_order_and_the_same_slice', () => {
    const maps = tensor('c/output', [4, 2, 3, 5], FEATURE_MAPS);
    const roles = parseRoles('srcm') ?? [];
    const plan = planOf(maps, { ...WHOLE, sample: 1, roles, crop: { 2: [1, 3] } });
    expect([plan.slice, plan.drawn]).toEqual(['1,:,1:3,:', [3, 1, 2]]);
    // Of the picture: map, row, column; of the tensor: sample, filter, row, column.
    expect(tensorIndex(plan, maps.shape, [4, 1, 0])).toBe('1, 1, 1, 4');
  });

  test('a_part_is_widened_to_whole_blocks_of_a_level', () => {
    const large = tensor('f/param.weight', [4096, 3003], ['Out', 'In'], { levels: 1 });
    const plan = planOf(large, { ...WHOLE, level: 1, crop: { 0: [13, 20], 1: [2900, 3003] } });
    expect([plan.slice, plan.spans]).toEqual([
      '1:3,362:376',
      [
        [8, 24],
        [2896, 3003],
      ],
    ]);
    expect(tensorIndex(plan, large.shape, [1, 13])).toBe('16:24, 3000:3003');
    expect(shownSlice(plan, large.shape)).toEqual(['8:24', '2896:3003']);
  });

  test('a_part_that_is_small_enough_is_drawn_by_its_elements', () => {
    const large = tensor('f/param.weight', [16_384, 16_384], ['Out', 'In'], { levels: 2 });
    const tiled = { ...WHOLE, tiles: true };
    expect(planOf(large, tiled)).toMatchObject({ tiled: true, level: 2 });
    const crop = { 0: [100, 900], 1: [0, 1000] } as const;
    const plan = planOf(large, { ...tiled, crop });
    expect(plan).toMatchObject({ tiled: false, level: 0, slice: '100:900,0:1000' });
    const half = { 0: [100, 9000] } as const;
    expect(planOf(large, { ...tiled, crop: half })).toMatchObject({
      tiled: true,
      slice: '1:141,:',
    });
  });

  test('tiles_are_of_the_last_two_axes_in_either_order', () => {
    const large = tensor('a/output', [2, 3000, 4000], ['Head', 'Query', 'Key'], { levels: 1 });
    const tiles = (text: string) =>
      planOf(large, { ...WHOLE, tiles: true, roles: parseRoles(text) ?? [] }).tiled;
    expect([tiles('src'), tiles('scr'), tiles('rsc')]).toEqual([true, true, false]);
  });

  test('elements_of_a_tensor_larger_than_one_answer_are_shown_in_parts_that_fit', () => {
    const levels = { levels: 3 };
    const embedding = tensor('e/param.weight', [50_257, 768], ['Token', 'Feature'], levels);
    const elements = { ...WHOLE, level: 0 };
    const plan = planOf(embedding, { ...elements, page: 1 });
    const { start = 0, stop = 0 } = plan.window ?? {};
    expect((stop - start) * 768).toBeLessThanOrEqual(MAX_ANSWER_ELEMENTS);
    expect(plan.slice).toBe(`${start}:${stop},:`);
    expect(planOf(embedding, elements).window?.stop).toBe(start);
    expect(planOf(embedding, { ...elements, page: 99 }).window?.stop).toBe(50_257);
  });

  test('an_index_into_the_picture_becomes_one_into_the_tensor', () => {
    const maps = planOf(tensor('c/output', [4, 64, 12, 12], FEATURE_MAPS), { ...WHOLE, sample: 3 });
    expect(tensorIndex(maps, [4, 64, 12, 12], [5, 7, 11])).toBe('3, 5, 7, 11');
    const shape = [50_257, 768];
    const embedding = tensor('e/param.weight', shape, ['T', 'F'], { levels: 3 });
    const part = planOf(embedding, { ...WHOLE, page: 1, level: 0 });
    expect(tensorIndex(part, shape, [2, 3])).toBe(`${(part.window?.start ?? 0) + 2}, 3`);
  });

  test('a_tensor_larger_than_one_answer_is_drawn_at_the_finest_level_that_fits', () => {
    const axes = ['Out', 'In'];
    const large = tensor('f/param.weight', [16_384, 16_384], axes, { levels: 2 });
    expect(planOf(large, WHOLE)).toMatchObject({ level: 1, slice: ':,:', window: null });
    const largest = tensor('f/param.weight', [131_072, 131_072], axes, { levels: 3 });
    expect(planOf(largest, WHOLE).level).toBe(2);
    const small = tensor('f/param.weight', [4096, 4096], axes, { levels: 1 });
    expect(planOf(small, WHOLE).level).toBe(0);
  });

  test('without_its_elements_a_tensor_is_drawn_from_level_1_on', () => {
    const more = { stored: 'pyramid', levels: 2 } as const;
    const reduced = tensor('f/param.weight', [4096, 3000], ['Out', 'In'], more);
    expect(planOf(reduced, WHOLE).level).toBe(1);
    expect(planOf(reduced, { ...WHOLE, level: 0 }).level).toBe(1);
    expect(planOf(reduced, { ...WHOLE, level: 9 }).level).toBe(2);
  });

  test('levels_that_would_be_made_from_too_many_elements_are_not_asked_for', () => {
    const deep = tensor('c/param.weight', [2048, 2048, 3, 3], KERNELS, { levels: 1 });
    expect(planOf(deep, WHOLE)).toMatchObject({
      level: 0,
      window: { axis: 0, start: 0, within: [0, 2048] },
    });
  });

  test('planes_make_no_difference_to_elements', () => {
    const small = tensor('f/param.weight', [40, 40], ['Out', 'In'], { levels: 1 });
    expect(planOf(small, { ...WHOLE, plane: 'max' })).toEqual(planOf(small, WHOLE));
  });

  test('a_block_is_named_by_the_elements_that_it_stands_for', () => {
    const more = { stored: 'pyramid', levels: 2 } as const;
    const shape = [4096, 3003];
    const plan = planOf(tensor('f/param.weight', shape, ['Out', 'In'], more), WHOLE);
    // 3003 = 375 * 8 + 3.
    expect(tensorIndex(plan, shape, [2, 375])).toBe('16:24, 3000:3003');
  });

  test('a_sample_that_shares_its_blocks_is_asked_for_by_block', () => {
    const more = { stored: 'pyramid', levels: 3 } as const;
    const shape = [20, 90_000];
    const outputs = tensor('f/output', shape, ['Sample', 'Node'], more);
    const plan = planOf(outputs, { ...WHOLE, sample: 17 });
    expect(plan).toMatchObject({ layout: 'strip', level: 1, slice: '2,:' });
    expect(tensorIndex(plan, shape, [1])).toBe('16:20, 8:16');
  });
});

test('a_crop_that_is_shown_in_whole_blocks_is_told_from_one_that_is_as_chosen', () => {
  const weight = tensor('f/param.weight', [4096, 4096], ['Out', 'In'], { levels: 2 });
  const widened = (level: number, crop: Choice['crop']) =>
    widenedBlocks(planOf(weight, { ...WHOLE, level, crop: crop ?? {} }));
  expect(widened(1, { 0: [3, 40] })).toEqual([8, 8]);
  expect(widened(1, { 0: [8, 40] })).toBe(null);
  expect(widened(0, { 0: [3, 40] })).toBe(null);
  // Pages of what is too large for one answer show less than was chosen, not more.
  expect(widened(0, {})).toBe(null);
});
