import { describe, expect, test } from 'vitest';
import { treeFilter } from '../../src/state/filter';
import { allPaths, buildTree, mainTensor, SAMPLES_PATH, treeRows } from '../../src/state/tree';
import { module, recordedCnn, tensor } from '../support/fakeServer';

const { catalog } = recordedCnn();
const roots = buildTree(catalog);
const ids = (filter: string, isOpen: (path: string) => boolean = () => true) =>
  treeRows(roots, isOpen, treeFilter(filter, roots, new Set(), () => () => false).filter).map(
    row => row.id,
  );

describe('the layer tree', () => {
  test('samples_come_first_and_modules_in_order_of_execution', () => {
    const shuffled = buildTree({ ...catalog, modules: [...catalog.modules].reverse() });
    expect(allPaths(shuffled)).toEqual([SAMPLES_PATH, '', 'conv', 'conv.0', 'conv.1', 'fc']);
  });

  test('a_module_has_its_own_tensors_only', () => {
    const model = roots[1];
    expect(model?.tensors.map(({ key }) => key)).toEqual(['/output']);
    expect(model?.children[0]?.children[0]?.tensors.map(({ key }) => key)).toEqual([
      'conv.0/param.weight',
      'conv.0/param.bias',
      'conv.0/output',
    ]);
  });

  test('a_tensor_of_a_module_that_is_not_listed_still_has_a_place', () => {
    const tree = buildTree({ modules: [], tensors: [tensor('a.b/output', [1], ['Node'])] });
    expect(allPaths(tree)).toEqual(['', 'a', 'a.b']);
  });

  test('a_closed_module_hides_what_is_below_it', () => {
    expect(ids('', path => path !== 'conv')).toEqual([
      SAMPLES_PATH,
      '/sample.inputs',
      '/sample.targets',
      '/sample.predictions',
      '',
      '/output',
      'conv',
      'fc',
      'fc/param.weight',
    ]);
  });

  test('a_filter_shows_what_matches_and_what_leads_to_it_even_where_closed', () => {
    expect(ids('*.bias', () => false)).toEqual(['', 'conv', 'conv.0', 'conv.0/param.bias']);
  });

  test('a_module_that_matches_by_its_class_shows_its_tensors', () => {
    expect(ids('relu')).toEqual(['', 'conv', 'conv.1', 'conv.1/output']);
  });

  test('a_filter_that_matches_nothing_leaves_nothing', () => {
    expect(ids('nowhere')).toEqual([]);
  });

  test('rows_know_their_depth', () => {
    const depths = treeRows(
      roots,
      () => true,
      treeFilter('conv.0/output', roots, new Set(), () => () => false).filter,
    ).map(row => row.depth);
    expect(depths).toEqual([0, 1, 2, 3]);
  });

  test('an_output_stands_for_its_module_and_else_a_parameter', () => {
    const [weight, output] = [
      tensor('fc/param.weight', [3, 8], []),
      tensor('fc/output', [2, 3], []),
    ];
    expect(mainTensor([weight, output])?.key).toBe('fc/output');
    expect(mainTensor([weight])?.key).toBe('fc/param.weight');
    expect(mainTensor([])).toBeNull();
  });

  test('a_model_of_thousands_of_modules_is_laid_out_in_a_moment', () => {
    const modules = Array.from({ length: 5000 }, (_, i) => module(`blocks.${i}`, 'Linear', i + 1));
    const tensors = modules.map(({ path }) => tensor(`${path}/output`, [1], ['Node']));
    const started = performance.now();
    expect(treeRows(buildTree({ modules, tensors }), () => true, null)).toHaveLength(10_002);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
