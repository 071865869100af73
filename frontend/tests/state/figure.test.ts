import { describe, expect, test } from 'vitest';
import { parseNpy } from '../../src/api/npy';
import { valueAt } from '../../src/scale/matrix';
import { countingWords, drawnIndex, figureOf, mapCellOf } from '../../src/state/figure';
import { cOrdered } from '../../src/state/order';
import { asDrawn } from '../../src/state/pictureData';
import { planOf } from '../../src/state/plan';
import { parseRoles } from '../../src/state/roles';
import { tensor } from '../support/fakeServer';
import { npyFile } from '../support/npyFile';

const counting = (shape: number[]) => {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return parseNpy(
    npyFile(
      '<f4',
      shape,
      Float32Array.from({ length: count }, (_, i) => i),
    ),
  );
};

const request = (key: string, shape: number[], axes: string[]) => {
  const named = tensor(key, shape, axes);
  const plan = planOf(named, { sample: 0, lead: {}, page: 0, level: null, plane: 'mean' });
  return { run: 'r', generation: 'g', step: 0, tensor: named, plan };
};

describe('figureOf', () => {
  test('feature_maps_are_titled_by_filter_and_hold_their_own_elements', () => {
    const figure = figureOf(
      request('c/output', [2, 3, 4, 5], ['Sample', 'Filter', 'Row', 'Column']),
      counting([3, 4, 5]),
    );
    expect(figure.maps.map(({ title }) => title)).toEqual(['Filter 1', 'Filter 2', 'Filter 3']);
    expect(countingWords(figure)).toBe('Filter 1 is index 0');
    const last = figure.maps[2];
    if (!last) throw new Error('expected a third map');
    // NumPy: arange(60).reshape(3, 4, 5)[2, 1, 3] is 48.
    expect(valueAt(last.matrix, 1, 3)).toBe(48);
    expect([figure.rowAxis.title, figure.colAxis.title]).toEqual(['Row', 'Column']);
  });

  test('blocks_of_an_axis_that_is_counted_from_one_are_titled_to_its_end', () => {
    const axes = ['Sample', 'Filter', 'Column'];
    const named = { ...tensor('c/output', [2, 10, 64], axes), levels: 1 };
    const roles = parseRoles('smc') ?? [];
    const choice = { sample: 0, lead: {}, page: 0, level: 1, plane: 'mean', roles } as const;
    const plan = planOf({ ...named, stored: 'pyramid' }, choice);
    const asked = { run: 'r', generation: 'g', step: 0, tensor: named, plan };
    const { maps } = figureOf(asked, counting([2, 8]));
    expect(maps.map(({ title }) => title)).toEqual(['Filter 1-8', 'Filter 9-10']);
  });

  test('a_transposed_part_is_numpys_transpose_of_it', () => {
    const named = tensor('c/output', [2, 3, 4, 5], ['Sample', 'Filter', 'Row', 'Column']);
    const choice = { sample: 0, lead: {}, page: 0, level: null, plane: 'mean' } as const;
    const roles = parseRoles('scrm') ?? [];
    const plan = planOf(named, { ...choice, roles, crop: { 1: [1, 3], 3: [2, 5] } });
    // What the server answers to 0,1:3,:,2:5.
    const array = asDrawn(counting([2, 4, 3]), plan.drawn);
    const asked = { run: 'r', generation: 'g', step: 0, tensor: named, plan };
    const figure = figureOf(asked, array);
    expect([figure.rowAxis.title, figure.colAxis.title]).toEqual(['Row', 'Filter']);
    expect(figure.maps.map(({ title }) => title)).toEqual(['Column 2', 'Column 3', 'Column 4']);
    expect(figure.colAxis.first).toBe(1);
    const last = figure.maps[2];
    if (!last) throw new Error('expected a third map');
    // NumPy: arange(24).reshape(2, 4, 3).transpose(2, 1, 0)[2, 3, 1] is 23, and [2, 3, 0] is 11.
    expect([valueAt(last.matrix, 3, 1), valueAt(last.matrix, 3, 0)]).toEqual([23, 11]);
    expect(drawnIndex(figure, last.index, [3, 1])).toEqual([2, 3, 1]);
    expect(mapCellOf(figure, [2, 3, 1])).toEqual({ outer: [2], cell: [3, 1] });
  });

  test('a_vector_that_runs_downwards_is_one_column', () => {
    const named = tensor('f/param.bias', [4], ['Output Node Index']);
    const plan = planOf(named, {
      ...{ sample: 0, lead: {}, page: 0, level: null, plane: 'mean' },
      roles: ['rows'],
    });
    const asked = { run: 'r', generation: 'g', step: 0, tensor: named, plan };
    const figure = figureOf(asked, counting([4]));
    expect([figure.maps[0]?.matrix.rows, figure.maps[0]?.matrix.cols]).toEqual([4, 1]);
    expect(drawnIndex(figure, [], [3, 0])).toEqual([3]);
  });

  test('a_lone_channel_is_left_out_of_the_titles_of_samples', () => {
    const figure = figureOf(
      request('/sample.inputs', [2, 1, 4, 4], ['Sample', 'Channel', 'Row', 'Column']),
      counting([2, 1, 4, 4]),
    );
    expect(figure.maps.map(({ title }) => title)).toEqual(['Sample 0', 'Sample 1']);
    expect(figure.maps[1]?.index).toEqual([1, 0]);
  });

  test('a_vector_is_one_row_and_a_scalar_one_element', () => {
    const strip = figureOf(request('f/param.bias', [4], ['Output Node Index']), counting([4]));
    expect([strip.maps[0]?.matrix.rows, strip.maps[0]?.matrix.cols]).toEqual([1, 4]);
    expect(strip.colAxis.title).toBe('Output Node Index');
    const scalar = figureOf(request('/param.scale', [], []), counting([]));
    expect([scalar.maps[0]?.matrix.rows, scalar.maps[0]?.matrix.cols]).toEqual([1, 1]);
  });

  test('the_shape_is_that_of_the_answer_where_it_changed_since', () => {
    const figure = figureOf(request('f/param.weight', [9, 9], ['Out', 'In']), counting([2, 3]));
    expect([figure.maps[0]?.matrix.rows, figure.maps[0]?.matrix.cols]).toEqual([2, 3]);
  });

  test('fortran_order_is_made_c_order', () => {
    // numpy.asfortranarray([[0, 1, 2], [3, 4, 5]]) lies in memory as 0 3 1 4 2 5.
    const bytes = npyFile('<i4', [2, 3], Int32Array.from([0, 3, 1, 4, 2, 5]), true);
    const array = cOrdered(parseNpy(bytes));
    expect([...array.values]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(array.strides).toEqual([3, 1]);
  });

  test('c_order_is_not_copied', () => {
    const array = counting([3, 2]);
    expect(cOrdered(array).values).toBe(array.values);
  });
});
