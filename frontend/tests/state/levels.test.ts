import { describe, expect, test } from 'vitest';
import {
  blockSides,
  cellWords,
  drawableLevels,
  inWholeBlocks,
  isDrawable,
  type Leveled,
  overviewLevel,
  reasonForLevel,
} from '../../src/state/levels';

describe('levels', () => {
  test('blocks_are_squares_of_the_last_two_axes', () => {
    expect(blockSides(4, 1)).toEqual([1, 1, 8, 8]);
    expect(blockSides(2, 3)).toEqual([512, 512]);
    expect(blockSides(1, 2)).toEqual([64]);
    expect(blockSides(0, 1)).toEqual([]);
  });

  test('the_last_block_of_an_axis_stands_for_what_is_left', () => {
    // docs/http_api.md: the last two lengths n are ceil(n / 8^k).
    expect(inWholeBlocks([0, 1025], 8, 1025)).toEqual([0, 1025]);
    expect(inWholeBlocks([13, 1000], 8, 1025)).toEqual([8, 1000]);
    expect(inWholeBlocks([65, 1001], 64, 1025)).toEqual([64, 1024]);
    // ceil(4097 / 8) squared is too much for an overview of level 1, (4096 / 8) squared is not.
    const large: Leveled = { shape: [8192, 8193], stored: 'exact', levels: 2 };
    expect(overviewLevel(large, [0, 1])).toBe(2);
    expect(overviewLevel({ ...large, shape: [8192, 8192] }, [0, 1])).toBe(1);
  });

  test('only_what_was_kept_can_be_drawn', () => {
    const shape = [2000, 2000];
    expect(drawableLevels({ shape, stored: 'exact', levels: 1 })).toEqual([0, 1]);
    expect(drawableLevels({ shape, stored: 'pyramid', levels: 2 })).toEqual([1, 2]);
    expect(drawableLevels({ shape: [64, 64], stored: 'exact', levels: 1 })).toEqual([0]);
    expect(isDrawable({ shape, stored: 'pyramid', levels: 1 })).toBe(true);
    expect(isDrawable({ shape, stored: 'statistics', levels: 0 })).toBe(false);
  });

  test('a_cell_is_said_in_words', () => {
    expect(cellWords([2000, 3000], 1, 'mean')).toBe(
      'level 1: a cell is the mean of 8 x 8 elements',
    );
    expect(cellWords([100_000], 2, 'max_abs')).toBe(
      'level 2: a cell is the largest in magnitude of 64 elements',
    );
    // Kernels are smaller than a block.
    expect(cellWords([2048, 2048, 3, 3], 1, 'min')).toBe(
      'level 1: a cell is the least of 3 x 3 elements',
    );
  });

  test('an_overview_is_the_finest_level_that_is_seen_at_once', () => {
    const large: Leveled = { shape: [16_384, 16_384], stored: 'exact', levels: 2 };
    expect(overviewLevel(large, [0, 1])).toBe(2);
    expect(overviewLevel({ ...large, shape: [4096, 4096] }, [0, 1])).toBe(1);
    // 1024 x 1024 elements are seen at once.
    expect(overviewLevel({ ...large, shape: [1024, 1024] }, [0, 1])).toBeNull();
    expect(overviewLevel({ ...large, stored: 'pyramid', levels: 1 }, [0, 1])).toBeNull();
  });

  test('the_reason_is_what_was_kept_or_how_much_one_answer_holds', () => {
    const pyramid: Leveled = { shape: [64, 64], stored: 'pyramid', levels: 1 };
    expect(reasonForLevel(pyramid, [0, 1])).toContain('larger than max_elements');
    const exact: Leveled = { shape: [16_384, 16_384], stored: 'exact', levels: 2 };
    expect(reasonForLevel(exact, [0, 1])).toContain('16,777,216');
    expect(reasonForLevel({ ...exact, shape: [4096, 4096] }, [0, 1])).toBeNull();
  });
});
