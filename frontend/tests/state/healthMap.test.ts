import { expect, test } from 'vitest';
import { parseNpy } from '../../src/api/npy';
import type { Statistic } from '../../src/contract/messages';
import { blocksOfSteps, healthTable } from '../../src/state/healthMap';
import { StatTable } from '../../src/state/statTable';
import { tensor } from '../support/fakeServer';
import { npyFile } from '../support/npyFile';

const table = (named: Partial<Record<Statistic, number[][]>>) => {
  const keys = ['a/param.weight', 'a/output', 'b/output', 'c/output'];
  const columns = Object.entries(named).map(([name, rows]) => {
    const flat = Float64Array.from(rows.flat());
    return [name as Statistic, parseNpy(npyFile('<f8', [4, 2], flat))] as const;
  });
  return new StatTable({ keys, steps: [0, 10] }, new Map(columns));
};

const catalog = {
  tensors: ['a/param.weight', 'a/output', 'b/output', 'c/output'].map(key =>
    tensor(key, [2], ['']),
  ),
};
const zeros = [0, 0, 0, 0].map(() => [0, 0]);
const nothing = [Number.NaN, Number.NaN];

test('blocks_of_steps_are_equal_but_for_the_last', () => {
  expect(blocksOfSteps([0, 1, 2, 5, 8], 2)).toEqual([
    [0, 2],
    [5, 8],
  ]);
  expect(blocksOfSteps([3, 4], 100)).toEqual([
    [3, 3],
    [4, 4],
  ]);
  expect(blocksOfSteps([], 100)).toEqual([]);
});

test('rows_are_the_tensors_of_the_group_that_have_anything_to_show', () => {
  const rms = [[1, 1], [2, 3], nothing, nothing];
  const nan = [[0, 0], [0, 0], nothing, [0, 7]];
  const found = healthTable(
    table({ rms, nan, pos_inf: zeros, neg_inf: zeros }),
    catalog,
    { measure: 'rms', group: 'outputs' },
    [],
  );
  // b has no numbers at all; c has nothing but NaN, which must be seen.
  expect(found.rows.map(({ key }) => key)).toEqual(['a/output', 'c/output']);
  expect([...(found.rows[0]?.values ?? [])]).toEqual([2, 3]);
});

test('a_share_is_of_all_elements', () => {
  const shares = healthTable(
    table({
      zero: [[1, 2], [5, 10], nothing, nothing],
      count: zeros.map(() => [10, 10]),
      nan: zeros,
      pos_inf: zeros,
      neg_inf: zeros,
    }),
    catalog,
    { measure: 'zero', group: 'outputs' },
    [],
  );
  expect([...(shares.rows[0]?.values ?? [])]).toEqual([0.5, 1]);
});
