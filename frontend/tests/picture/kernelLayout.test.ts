import { describe, expect, test } from 'vitest';
import { layOutKernels } from '../../src/picture/kernelLayout';
import { indexName, indexText } from '../../src/picture/readout';

/** What is left of a pane on screens of 1280 x 800 and of 1920 x 1080. */
const LAPTOP = { width: 890, height: 390 };
const DESK = { width: 1530, height: 670 };

describe('layOutKernels', () => {
  test.each([
    ['64 x 32', [64, 32, 3, 3], LAPTOP, false],
    ['64 x 32', [64, 32, 3, 3], DESK, false],
    ['64 x 64', [64, 64, 3, 3], LAPTOP, false],
    ['16 x 64', [16, 64, 3, 3], LAPTOP, false],
    ['512 x 256', [512, 256, 3, 3], LAPTOP, true],
    ['512 x 256', [512, 256, 3, 3], DESK, true],
    ['a first layer of 64 x 3', [64, 3, 7, 7], LAPTOP, true],
    ['pointwise kernels, a matrix', [512, 256, 1, 1], LAPTOP, false],
  ] as const)('%s_is_readable_and_upright_where_it_can_be', (_name, shape, room, isTurned) => {
    expect(layOutKernels(shape, room.width, room.height).isTurned).toBe(isTurned);
  });

  test('an_upright_grid_is_as_high_as_its_cells_need', () => {
    // 64 kernels of 3 cells and 63 gaps of one, 2 pixels each.
    expect(layOutKernels([64, 32, 3, 3], LAPTOP.width, LAPTOP.height).height).toBe(510);
    expect(layOutKernels([64, 32, 3, 3], DESK.width, DESK.height).height).toBe(670);
  });
});

describe('indexText', () => {
  test('a_block_is_named_by_its_first_and_last_index', () => {
    const axis = { title: 'Row', first: 16, block: 8, extent: 35 };
    expect([0, 1, 2].map(index => indexText(axis, index))).toEqual(['16-23', '24-31', '32-34']);
    expect(indexName(axis, 0)).toBe('Row 16-23');
  });

  test('a_last_block_of_one_index_is_that_index', () => {
    expect(indexText({ title: 'Row', block: 8, extent: 17 }, 2)).toBe('16');
    expect(indexText({ title: 'Row', first: 5 }, 2)).toBe('7');
  });
});
