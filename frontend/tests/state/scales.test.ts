import { expect, test } from 'vitest';
import { scaleGroup } from '../../src/state/scales';

test('only_what_has_two_sides_of_zero_is_coloured_as_weights_are', () => {
  expect(scaleGroup({ kind: 'param', dtype: 'bfloat16' })).toBe('weights');
  expect(scaleGroup({ kind: 'buffer', dtype: 'float32' })).toBe('weights');
  expect(scaleGroup({ kind: 'grad', dtype: 'float8_e5m2' })).toBe('gradients');
  for (const dtype of ['bool', 'uint8', 'int64', 'complex64']) {
    expect(scaleGroup({ kind: 'buffer', dtype })).toBe('activations');
  }
  expect(scaleGroup({ kind: 'sample', dtype: 'uint8' })).toBe('samples');
});
