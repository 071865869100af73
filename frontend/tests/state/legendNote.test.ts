import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/scale/scale';
import { figureOf, partialFigureOf } from '../../src/state/figure';
import { legendNote, thirdNote } from '../../src/state/legendNote';
import { type Choice, planOf } from '../../src/state/plan';
import { tensor } from '../support/fakeServer';

const WHOLE: Choice = { sample: 0, lead: {}, page: 0, level: null, plane: 'mean' };
const KNOWN = { isKnown: true, error: null };
const READING = { isKnown: false, error: null };

function request(more: Partial<Choice> = {}) {
  const named = tensor('c/output', [1, 4, 16, 16], ['Sample', 'Filter', 'Row', 'Column'], {
    levels: 1,
  });
  const plan = planOf(named, { ...WHOLE, ...more });
  return { run: 'r', generation: 'g', step: 0, tensor: named, plan };
}

const row = { values: Float32Array.of(1), rows: 1, cols: 1, offset: 0, rowStride: 1, colStride: 1 };
const NONE = {
  values: new Float32Array(1024),
  shape: [4, 16, 16],
  strides: [256, 16, 1],
  dtype: '<f4',
};

function partial(more: Partial<Choice> = {}) {
  const asked = request(more);
  const extremes = [row, row] as const;
  return partialFigureOf({ request: asked, shape: [4, 16, 16], parts: [], arrays: [], extremes });
}

function note(
  mode: (typeof DEFAULT_SETTINGS)['mode'],
  figure = partial(),
  shared = KNOWN,
  special = false,
) {
  return legendNote({ ...DEFAULT_SETTINGS, mode }, [figure, figure], shared, special);
}

test('of_what_is_all_there_nothing_has_to_be_said', () => {
  const figure = figureOf(request(), NONE);
  for (const mode of ['auto', 'robust', 'steps', 'fixed'] as const) {
    expect(note(mode, figure, KNOWN, true)).toBe(null);
  }
});

test('what_is_estimated_or_counted_until_all_maps_are_there_is_said_once', () => {
  expect(note('robust')).toBe('Percentiles are estimated from blocks so far.');
  // The least and the greatest element of blocks are those of the maps that they make up.
  expect(note('auto')).toBe(null);
  expect(note('auto', partial({ crop: { 3: [1, 5] } }))).toContain('the blocks around the crop');
  expect(note('auto', partial(), KNOWN, true)).toBe(
    'Counts are of the maps that are there so far.',
  );
});

test('a_range_over_steps_that_is_read_or_cannot_be_is_said_to_be_none_yet', () => {
  const figure = figureOf(request(), NONE);
  expect(note('steps', figure, READING)).toContain('The range of all steps is being read');
  const failed = legendNote(
    { ...DEFAULT_SETTINGS, mode: 'runs' },
    [figure],
    { ...READING, error: new Error('gone') },
    false,
  );
  expect(failed).toContain('that of the runs could not be read: gone');
  expect(note('auto', figure, READING)).toBe(null);
});

test('colours_of_a_difference_of_blocks_are_not_those_of_elements', () => {
  expect(thirdNote(null, 64)).toContain('64 x 64');
  expect([thirdNote(0.5, 64), thirdNote(null, 1)]).toEqual([null, null]);
});
