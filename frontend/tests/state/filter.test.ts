import { describe, expect, test } from 'vitest';
import { nameFilter } from '../../src/state/filter';

const passing = (filter: string, ...names: string[]) => {
  const matches = nameFilter(filter);
  return names.filter(name => matches?.(name) ?? true);
};

describe('nameFilter', () => {
  test('an_empty_filter_lets_all_through', () => {
    expect(nameFilter('  ')).toBeNull();
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

  test('special_letters_of_regular_expressions_stand_for_themselves', () => {
    expect(passing('a+(b', 'a+(b', 'aab')).toEqual(['a+(b']);
    expect(passing('a.*', 'a.b', 'axb')).toEqual(['a.b']);
  });
});
