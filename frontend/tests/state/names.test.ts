import { describe, expect, test } from 'vitest';
import {
  keyText,
  moduleText,
  parseKey,
  pythonLocation,
  shapeText,
  tensorLabel,
  tensorLocation,
} from '../../src/state/names';
import { tensor } from '../support/fakeServer';

describe('names', () => {
  test('a_key_has_the_parts_that_the_design_gives_it', () => {
    expect(parseKey('conv2.0/output')).toEqual({
      module: 'conv2.0',
      kind: 'output',
      name: '',
      call: 0,
    });
    expect(parseKey('/param.weight')).toEqual({
      module: '',
      kind: 'param',
      name: 'weight',
      call: 0,
    });
    expect(parseKey('lstm/output.1.0#2')).toEqual({
      module: 'lstm',
      kind: 'output',
      name: '1.0',
      call: 2,
    });
    expect(parseKey('no key')).toBeNull();
  });

  test('the_model_itself_is_called_by_its_class_and_what_a_step_was_given_stands_under_samples', () => {
    expect(keyText('/output', 'GPT')).toBe('GPT/output');
    expect(keyText('/param.weight')).toBe('model/param.weight');
    expect(keyText('/sample.inputs.ids', 'GPT')).toBe('Samples/inputs.ids');
    expect(keyText('head/output', 'GPT')).toBe('head/output');
  });

  test('numeric_components_of_a_path_become_indices', () => {
    expect(pythonLocation('')).toBe('model');
    expect(pythonLocation('conv2.0')).toBe('model.conv2[0]');
    expect(pythonLocation('blocks.11.mlp.2')).toBe('model.blocks[11].mlp[2]');
  });

  test('a_component_that_is_no_name_is_a_string_index', () => {
    expect(pythonLocation('heads.left-eye')).toBe('model.heads["left-eye"]');
  });

  test.each([
    ['fc/param.weight', 'weight', 'model.fc.weight'],
    ['bn/buffer.running_mean', 'buffer running_mean', 'model.bn.running_mean'],
    ['fc/grad.weight', 'weight gradient', 'model.fc.weight.grad'],
    ['conv2.0/output', 'output', 'model.conv2[0]'],
    ['lstm/output.1.0', 'output 1.0', 'model.lstm'],
    ['shared/output#1', 'output, call 2', 'model.shared'],
  ])('%s_is_called_%s_and_is_at_%s', (key, label, location) => {
    const named = tensor(key, [1], ['Axis']);
    expect(tensorLabel(named)).toBe(label);
    expect(tensorLocation(named)).toBe(location);
  });

  test('shapes_are_printed_as_pytorch_prints_them', () => {
    expect([shapeText([]), shapeText([10]), shapeText([4, 64])]).toEqual([
      '()',
      '(10,)',
      '(4, 64)',
    ]);
  });

  test('a_container_is_called_by_its_class', () => {
    expect(moduleText({ repr: 'Sequential()', class_name: 'Sequential' })).toBe('Sequential');
    expect(moduleText({ repr: 'Linear(8, 3)', class_name: 'Linear' })).toBe('Linear(8, 3)');
  });
});
