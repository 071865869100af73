import { describe, expect, test } from 'vitest';
import { compiled } from '../../src/api/expressions';
import { nameFilter, treeFilter } from '../../src/state/filter';
import { buildTree, treeRows } from '../../src/state/tree';
import { recordedCnn } from '../support/fakeServer';

const foundIn = (expression: string) => (name: string) => compiled(expression).test(name);

const passing = (filter: string, ...names: string[]) => {
  const matches = nameFilter(filter, foundIn);
  return names.filter(name => matches?.(name) ?? true);
};

describe('nameFilter', () => {
  test('an_empty_filter_lets_all_through', () => {
    expect(nameFilter('  ', foundIn)).toBeNull();
  });

  test('text_matches_anywhere_whatever_its_case', () => {
    expect(passing('CONV2', 'conv2.0', 'conv1.0', 'enc.conv2')).toEqual(['conv2.0', 'enc.conv2']);
  });

  test('an_index_and_a_path_component_are_the_same', () => {
    expect(passing('model.conv2[0]', 'conv2.0', 'conv2.1')).toEqual(['conv2.0']);
  });

  test('a_glob_is_over_the_whole_name', () => {
    expect(passing('*.weight', 'fc/param.weight', 'weight_norm')).toEqual(['fc/param.weight']);
    expect(passing('conv?', 'conv1', 'conv12', 'conv1.0')).toEqual(['conv1']);
  });

  test('a_glob_of_many_stars_takes_no_time_on_a_long_name', () => {
    const before = performance.now();
    expect(passing('*a*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(5000))).toEqual([]);
    expect(passing('*a*a*a*a*a*a*a*a*a*a*b', `${'a'.repeat(5000)}b`)).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test('a_glob_is_what_an_expression_of_the_same_letters_is', () => {
    const letters = ['a', 'b', '*', '?'];
    const words = (alphabet: string[], length: number): string[] =>
      length === 0
        ? ['']
        : words(alphabet, length - 1).flatMap(word => alphabet.map(letter => word + letter));
    const names = [0, 1, 2, 3, 4].flatMap(length => words(['a', 'b'], length));
    for (const glob of words(letters, 4).filter(word => /[*?]/.test(word))) {
      const source = glob.replaceAll('*', '.*').replaceAll('?', '.');
      const expected = names.filter(name => new RegExp(`^${source}$`).test(name));
      expect(passing(glob, ...names), glob).toEqual(expected);
    }
  });

  test('special_letters_of_regular_expressions_stand_for_themselves', () => {
    expect(passing('a+(b', 'a+(b', 'aab')).toEqual(['a+(b']);
    expect(passing('a.*', 'a.b', 'axb')).toEqual(['a.b']);
  });
});

describe('treeFilter', () => {
  const roots = buildTree(recordedCnn().catalog);
  const bad = new Set(['fc/param.weight']);
  const seen = (text: string) =>
    treeRows(roots, () => true, treeFilter(text, roots, bad, foundIn).filter).flatMap(row =>
      row.type === 'tensor' ? [row.id] : [],
    );

  test('a_name_goes_before_a_class', () => {
    // "conv" is in the path of a Sequential and of what is in it; no path has "linear".
    expect(seen('linear')).toEqual(['fc/param.weight']);
    expect(seen('conv.1')).toEqual(['conv.1/output']);
    expect(seen('class:conv2d')).toEqual([
      'conv.0/param.weight',
      'conv.0/param.bias',
      'conv.0/output',
    ]);
  });

  test('words_are_met_together', () => {
    expect(seen('conv.0 kind:output')).toEqual(['conv.0/output']);
    expect(seen('kind:param *.weight')).toEqual(['conv.0/param.weight', 'fc/param.weight']);
    expect(seen('is:bad')).toEqual(['fc/param.weight']);
    expect(seen('is:bad conv')).toEqual([]);
  });

  test('between_slashes_stands_a_regular_expression', () => {
    expect(seen('/conv\\.[01]\\/output$/')).toEqual(['conv.0/output', 'conv.1/output']);
    expect(treeFilter('/(/', roots, bad, foundIn).error).toMatch(/Invalid regular expression/);
  });

  test('what_cannot_be_understood_says_what_can', () => {
    expect(treeFilter('kind:weight', roots, bad, foundIn).error).toContain('param, buffer, grad');
    expect(treeFilter('is:good', roots, bad, foundIn).error).toContain('is:bad');
  });
});
