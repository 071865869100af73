import { describe, expect, test } from 'vitest';
import {
  layoutOf,
  naturalRoles,
  parseRoles,
  ROLES,
  type Role,
  rolesText,
  swapped,
  withRole,
} from '../../src/state/roles';
import { tensor } from '../support/fakeServer';

const KERNELS = ['Output Channel', 'Input Channel', 'Row', 'Column'];
const VOLUMES = ['Output Channel', 'Input Channel', 'Depth', 'Row', 'Column'];
const UNNAMED = ['Axis 0', 'Axis 1', 'Axis 2', 'Axis 3', 'Axis 4', 'Axis 5', 'Axis 6'];

describe('naturalRoles', () => {
  test.each([
    ['a number', '/param.a', [], [], ''],
    ['a bias', 'f/param.bias', [10], ['Output Node Index'], 'c'],
    ['a weight', 'f/param.weight', [10, 64], ['Output Node Index', 'Input Node Index'], 'rc'],
    ['Conv1d', 'c/param.weight', [8, 4, 3], KERNELS.slice(0, 3), 'mrc'],
    ['Conv2d', 'c/param.weight', [8, 4, 3, 3], KERNELS, 'yxrc'],
    [
      'ConvTranspose2d',
      'c/param.weight',
      [4, 8, 3, 3],
      ['Input Channel', 'Output Channel', 'Row', 'Column'],
      'xyrc',
    ],
    ['Conv3d', 'c/param.weight', [8, 4, 3, 5, 5], VOLUMES, 'yxsrc'],
    ['feature maps', 'c/output', [4, 8, 9, 9], ['Sample', 'Filter', 'Row', 'Column'], 'smrc'],
    [
      'feature volumes',
      'c/output',
      [4, 8, 5, 9, 9],
      ['Sample', 'Filter', 'Depth', 'Row', 'Column'],
      'smsrc',
    ],
    ['attention', 'a/output.1', [4, 8, 9, 9], ['Sample', 'Head', 'Query', 'Key'], 'smrc'],
    ['mean attention', 'a/output.1', [4, 9, 9], ['Sample', 'Query', 'Key'], 'src'],
    ['recurrent outputs', 'l/output.0', [4, 7, 12], ['Sample', 'Time', 'Feature'], 'src'],
    ['the same, time first', 'l/output.0', [7, 4, 12], ['Time', 'Sample', 'Feature'], 'rsc'],
    ['hidden states', 'l/output.1', [2, 4, 12], ['Layer', 'Sample', 'Feature'], 'rsc'],
    ['an embedding', 'e/param.weight', [50, 12], ['Token', 'Feature'], 'rc'],
    ['images', '/sample.inputs', [4, 3, 9, 9], ['Sample', 'Channel', 'Row', 'Column'], 'mmrc'],
    ['channels last', 'f/output', [4, 9, 9, 8], ['Sample', 'Row', 'Column', 'Feature'], 'srcm'],
    ['six axes', '/param.a', [2, 3, 4, 5, 6, 7], UNNAMED.slice(0, 6), 'sssmrc'],
    ['seven axes', '/param.a', [2, 2, 3, 4, 5, 6, 7], UNNAMED, 'ssssmrc'],
    ['large stacks', '/param.a', [64, 4096, 4096], UNNAMED.slice(0, 3), 'src'],
    ['stacked matrices', '/param.a', [4, 6, 64, 64], UNNAMED.slice(0, 4), 'smrc'],
  ])('the_natural_layout_of: %s', (_name, key, shape, axes, roles) => {
    expect(rolesText(naturalRoles(tensor(key, shape, axes)))).toBe(roles);
  });
});

describe('withRole', () => {
  const roles = (text: string) => parseRoles(text) ?? [];
  const typed = (text: string, axis: number, role: Role) =>
    rolesText(withRole(roles(text), axis, role));

  test('who_had_a_role_gets_the_one_that_became_free', () => {
    expect(typed('smrc', 1, 'rows')).toBe('srmc');
    expect(typed('smrc', 0, 'columns')).toBe('cmrs');
    expect(typed('yxrc', 0, 'across')).toBe('xyrc');
  });

  test('sliders_and_maps_are_shared', () => {
    expect(typed('smrc', 1, 'slider')).toBe('ssrc');
    expect(typed('smrc', 0, 'maps')).toBe('mmrc');
  });

  test('there_are_maps_or_there_is_a_grid', () => {
    expect(typed('yxrc', 1, 'maps')).toBe('mmrc');
    expect(typed('smrc', 0, 'down')).toBe('yxrc');
    expect(typed('mmmrc', 0, 'across')).toBe('xysrc');
  });

  test('whatever_is_chosen_it_stays_a_layout_that_a_link_can_hold', () => {
    let present = roles('smsrc');
    for (let turn = 0; turn < 500; turn++) {
      const role = ROLES[(turn * 7) % ROLES.length] ?? 'rows';
      const axis = (turn * 3) % 5;
      present = withRole(present, axis, role);
      expect(present[axis]).toBe(role);
      expect(parseRoles(rolesText(present))).toEqual(present);
      const isGrid = present.includes('down') || present.includes('across');
      expect(isGrid && present.includes('maps')).toBe(false);
    }
  });
});

test('swapping_twice_changes_nothing', () => {
  expect(rolesText(swapped(['slider', 'maps', 'rows', 'columns']))).toBe('smcr');
  expect(swapped(swapped(['rows', 'slider']))).toEqual(['rows', 'slider']);
});

test.each([
  ['src', 'heatmap'],
  ['c', 'strip'],
  ['r', 'heatmap'],
  ['sss', 'scalar'],
  ['smrc', 'gallery'],
  ['yxrc', 'kernels'],
  ['ysrc', 'gallery'],
  ['mc', 'gallery'],
])('the_picture_of_%s_is_a_%s', (text, layout) => {
  expect(layoutOf(parseRoles(text) ?? [])).toBe(layout);
});

test.each(['', 'rr', 'rcz', 'r c', 'yyrc'])('a_text_that_is_no_layout_is_none: %j', text => {
  expect(parseRoles(text)).toBeUndefined();
});
