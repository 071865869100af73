import { describe, expect, test } from 'vitest';
import { parseNpy } from '../../src/api/npy';
import type { Statistic } from '../../src/contract/messages';
import { causeOrder } from '../../src/state/causeOrder';
import { StatTable } from '../../src/state/statTable';
import { recordedCnn, tensor } from '../support/fakeServer';
import { npyFile } from '../support/npyFile';

const array = (shape: number[], values: number[]) =>
  parseNpy(npyFile('<f8', shape, Float64Array.from(values)));

const zeros = array([2, 3], [0, 0, 0, 0, 0, 0]);

function table(nan: number[], posInf: number[] = [0, 0, 0, 0, 0, 0]): StatTable {
  return new StatTable(
    { keys: ['a/output', 'b/output'], steps: [0, 10, 20] },
    new Map<Statistic, ReturnType<typeof array>>([
      ['nan', array([2, 3], nan)],
      ['pos_inf', array([2, 3], posInf)],
      ['neg_inf', zeros],
    ]),
  );
}

describe('StatTable', () => {
  test('a_row_is_that_of_its_key', () => {
    expect([...table([1, 2, 3, 4, 5, 6]).row('nan', 'b/output')]).toEqual([4, 5, 6]);
    expect([...table([1, 2, 3, 4, 5, 6]).row('nan', 'c/output')]).toEqual([]);
  });

  test('rows_keep_their_place_when_a_table_has_one_step_more_than_another', () => {
    const mixed = new StatTable(
      { keys: ['a/output', 'b/output'], steps: [0, 10, 20] },
      new Map<Statistic, ReturnType<typeof array>>([
        ['nan', array([2, 2], [1, 2, 3, 4])],
        ['rms', array([2, 3], [10, 11, 12, 13, 14, 15])],
      ]),
    );
    expect(mixed.steps).toEqual([0, 10]);
    expect([...mixed.row('rms', 'b/output')]).toEqual([13, 14]);
  });

  test('nan_and_both_infinities_are_counted_together', () => {
    const counts = table([0, 1, 0, 0, 0, 0], [0, 2, 0, 0, 0, 5]).nonFinite('a/output');
    expect([...counts]).toEqual([0, 3, 0]);
  });
});

describe('causeOrder', () => {
  test('parameters_come_before_outputs_and_a_container_after_what_is_in_it', () => {
    const order = causeOrder(recordedCnn().catalog);
    expect(order).toEqual([
      '/sample.inputs',
      '/sample.targets',
      'conv.0/param.weight',
      'conv.0/param.bias',
      'fc/param.weight',
      'conv.0/output',
      'conv.1/output',
      '/output',
      '/sample.predictions',
    ]);
  });

  test('gradients_come_last_in_the_opposite_order', () => {
    const { catalog } = recordedCnn();
    const tensors = [
      tensor('conv.0/grad.weight', [2, 1, 3, 3], []),
      tensor('fc/grad.weight', [3, 8], []),
      ...catalog.tensors,
    ];
    expect(causeOrder({ ...catalog, tensors }).slice(-2)).toEqual([
      'fc/grad.weight',
      'conv.0/grad.weight',
    ]);
  });
});
