import { describe, expect, test } from 'vitest';
import { buildTree, treeRows } from '../../src/state/tree';
import { treeKey } from '../../src/views/treeKeys';
import { recordedCnn } from '../support/fakeServer';

const rows = treeRows(buildTree(recordedCnn().catalog), path => path !== 'fc', null);
const at = (id: string) => rows.findIndex(row => row.id === id);

describe('treeKey', () => {
  test('up_and_down_stay_within_the_rows', () => {
    expect(treeKey('ArrowUp', rows, 0)).toEqual({ type: 'go', index: 0 });
    expect(treeKey('ArrowDown', rows, rows.length - 1)).toEqual({
      type: 'go',
      index: rows.length - 1,
    });
    expect(treeKey('End', rows, 2)).toEqual({ type: 'go', index: rows.length - 1 });
  });

  test('right_opens_a_closed_module_and_goes_into_an_open_one', () => {
    expect(treeKey('ArrowRight', rows, at('fc'))).toEqual({ type: 'open', open: true });
    expect(treeKey('ArrowRight', rows, at('conv'))).toEqual({ type: 'go', index: at('conv.0') });
  });

  test('left_closes_an_open_module_and_leads_from_a_tensor_to_its_module', () => {
    expect(treeKey('ArrowLeft', rows, at('conv'))).toEqual({ type: 'open', open: false });
    expect(treeKey('ArrowLeft', rows, at('conv.0/output'))).toEqual({
      type: 'go',
      index: at('conv.0'),
    });
  });

  test('enter_and_space_choose_and_other_keys_are_left_alone', () => {
    expect(treeKey('Enter', rows, 1)).toEqual({ type: 'choose' });
    expect(treeKey(' ', rows, 1)).toEqual({ type: 'choose' });
    expect(treeKey('x', rows, 1)).toBeNull();
    expect(treeKey('ArrowDown', [], 0)).toBeNull();
  });
});
