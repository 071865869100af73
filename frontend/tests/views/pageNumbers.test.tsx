// @vitest-environment happy-dom
import { act } from 'preact/test-utils';
import { describe, expect, test, vi } from 'vitest';
import { recordedCnn } from '../support/fakeServer';
import { byRole, open, press, root, seen, text } from '../support/openPage';
import { until } from '../support/until';

// The charts draw on a canvas, which this DOM does not have.
vi.mock('uplot', () => ({
  default: class {
    static readonly join = (tables: unknown[]) => tables[0];
    readonly over = document.createElement('div');
    readonly cursor = {};
    readonly setData = () => undefined;
    readonly setSize = () => undefined;
    readonly redraw = () => undefined;
    readonly destroy = () => undefined;
  },
}));

describe('numbers and statistics in the page', () => {
  test('the_numbers_are_those_of_the_array', async () => {
    open(recordedCnn(), '#layerview&p.layerview.key=fc%2Fparam.weight&p.layerview.tab=values');
    // The elements of the fake count up from the step: row 1, column 0 of 3 x 8 at step 20 is 28.
    const numbers = () => [...root.querySelectorAll('#lv-pane td')].map(cell => cell.textContent);
    await until(() => numbers().length > 0, 'the table');
    expect(numbers()).toContain('28');
  });

  test('statistics_are_those_of_the_shown_step', async () => {
    const recorded = recordedCnn();
    recorded.stats = { max: { 'fc/param.weight': [0.5, 0.25, 0.125] } };
    open(recorded, '#layerview&p.layerview.key=fc%2Fparam.weight&p.layerview.tab=statistics');
    await seen('At step 20');
    expect(byRole('row', 'max0.125').textContent).toBe('max0.125');
    press('Home');
    await seen('At step 0');
    expect(byRole('row', 'max0.5').textContent).toBe('max0.5');
  });

  test('a_tensor_of_one_number_has_one_bar_and_one_tick', async () => {
    const recorded = recordedCnn();
    const halves = { 'fc/param.weight': [0.5, 0.5, 0.5] };
    recorded.stats = { min: halves, max: halves };
    open(recorded, '#layerview&p.layerview.key=fc%2Fparam.weight&p.layerview.tab=statistics');
    const ticks = () => root.querySelectorAll('svg[aria-label^="Histogram from"] text');
    await until(() => ticks().length > 0, 'the histogram');
    expect([...ticks()].map(tick => tick.textContent)).toEqual(['0.5']);
  });

  test('updates_are_shown_of_what_has_them', async () => {
    const recorded = recordedCnn();
    const none = [Number.NaN, Number.NaN, Number.NaN];
    recorded.stats = {
      update_ratio: { 'fc/param.weight': [Number.NaN, 1e-3, 2e-3], 'conv.1/output': none },
      update_rms: { 'conv.1/output': none },
    };
    const { app: opened } = open(
      recorded,
      '#layerview&p.layerview.key=fc%2Fparam.weight&p.layerview.tab=statistics',
    );
    await seen('Update ratio (logarithmic)');
    expect(byRole('row', 'update ratio0.002').textContent).toBe('update ratio0.002');
    act(() => opened.selection.chooseKey('conv.1/output'));
    await until(() => !text().includes('update ratio'), 'the updates to go');
    expect(text()).not.toContain('Update ratio');
  });

  test('statistics_of_a_step_without_the_tensor_lead_to_one_with_it', async () => {
    const recorded = recordedCnn();
    recorded.stats = { count: { 'fc/param.weight': [24, Number.NaN, Number.NaN] } };
    const { app: opened } = open(
      recorded,
      '#layerview&p.layerview.key=fc%2Fparam.weight&p.layerview.tab=statistics',
    );
    await seen('Not recorded at step 20');
    expect(text()).toContain('was recorded at 1 of 3 steps');
    act(() => byRole('button', 'Go to step 0').click());
    await seen('At step 0');
    expect(opened.view.step.value).toBe(0);
  });
});
