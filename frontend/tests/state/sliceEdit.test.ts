import { describe, expect, test } from 'vitest';
import { planOf, shownSlice } from '../../src/state/plan';
import { rolesText } from '../../src/state/roles';
import { Selection } from '../../src/state/selection';
import { applySlice } from '../../src/state/sliceEdit';
import { tensor } from '../support/fakeServer';

const SHAPE = [4, 8, 12, 10];
const MAPS = tensor('c/output', SHAPE, ['Sample', 'Filter', 'Row', 'Column']);

/** What is shown after slices were typed one after the other. */
function typed(...slices: string[]) {
  const selection = new Selection();
  for (const slice of slices) {
    expect(applySlice(selection, MAPS, planOf(MAPS, selection.choice()), slice)).toBeNull();
  }
  const plan = planOf(MAPS, selection.choice());
  return {
    selection,
    roles: rolesText(plan.roles),
    plan,
    text: shownSlice(plan, SHAPE).join(', '),
  };
}

describe('applySlice', () => {
  test('numbers_move_sliders_and_spans_crop', () => {
    const { roles, text, plan, selection } = typed('-1, :, 2:6, -4:');
    expect(roles).toBe('smrc');
    expect(text).toBe('3, :, 2:6, 6:10');
    expect(plan.slice).toBe('3,:,2:6,6:10');
    expect(selection.sample.value).toBe(3);
  });

  test('what_is_shown_reads_back_as_itself', () => {
    const { text } = typed('1, 3:5, :, 2:3');
    expect(typed(text).text).toBe(text);
  });

  test.each([
    ['an index takes an axis out of the picture', ['0, 5'], 'ssrc'],
    ['and a colon brings it back', ['0, 5', '0, :'], 'smrc'],
    ['more axes are more maps', [':, 5'], 'msrc'],
    ['without columns the rest is laid out anew', ['0, :, :, 3'], 'srcs'],
    ['one axis is a strip', ['0, 1, :, 3'], 'sscs'],
    ['one element is a number', ['0, 1, 2, 3'], 'ssss'],
    ['everything', ['...'], 'mmrc'],
  ])('%s', (_name, slices, roles) => {
    expect(typed(...slices).roles).toBe(roles);
  });

  test('a_layout_that_was_chosen_stays_while_the_same_axes_are_drawn', () => {
    const selection = new Selection();
    selection.arrange(['slider', 'maps', 'columns', 'rows'], {});
    const plan = planOf(MAPS, selection.choice());
    expect(applySlice(selection, MAPS, plan, '2, 1:3, :, 4:')).toBeNull();
    const next = planOf(MAPS, selection.choice());
    expect([rolesText(next.roles), next.drawn]).toEqual(['smcr', [1, 3, 2]]);
    expect(next.slice).toBe('2,1:3,:,4:10');
  });

  test('what_does_not_fit_changes_nothing', () => {
    const selection = new Selection();
    const before = JSON.stringify(selection.choice());
    const plan = planOf(MAPS, selection.choice());
    expect(applySlice(selection, MAPS, plan, '0, 8')).toContain('Filter has 8');
    expect(JSON.stringify(selection.choice())).toBe(before);
  });
});
