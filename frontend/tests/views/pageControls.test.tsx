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

/** The page with a picture of two maps. */
async function openMaps() {
  const page = open(recordedCnn());
  await seen('Filter 2');
  return page;
}

function inputAt(selector: string): HTMLInputElement {
  const input = root.querySelector<HTMLInputElement>(selector);
  if (!input) throw new Error(`expected an input ${selector}`);
  return input;
}

describe('the controls of the page', () => {
  test('arrow_keys_home_and_end_move_over_the_steps', async () => {
    const { app: opened } = await openMaps();
    press('ArrowLeft');
    expect(opened.view.step.value).toBe(10);
    press('Home');
    expect(opened.view.step.value).toBe(0);
    press('End');
    expect(opened.view.step.value).toBe(20);
    press('f');
    expect(opened.view.following.value).toBe(true);
  });

  test('keys_typed_into_the_filter_are_letters', async () => {
    const { app: opened } = await openMaps();
    const filter = inputAt('#lv-filter');
    press('ArrowLeft', filter);
    press('2', filter);
    expect(opened.view.step.value).toBe(20);
    expect(opened.selection.tab.value).toBe('heat');
  });

  test('the_filter_narrows_the_tree_and_says_when_nothing_is_left', async () => {
    const { app: opened } = await openMaps();
    act(() => {
      opened.tree.filter.value = 'nowhere';
    });
    await seen('No layer or tensor matches.');
    act(() => byRole('button', 'Show all').click());
    expect(root.querySelectorAll('[role=treeitem]').length).toBeGreaterThan(10);
  });

  test('the_tree_is_walked_by_keyboard', async () => {
    open(recordedCnn(), '#layerview&p.layerview.key=conv.1%2Foutput');
    await seen('Filter 2');
    const tree = byRole('tree', 'Layers and their tensors');
    press('ArrowDown', tree);
    press('ArrowDown', tree);
    press('Enter', tree);
    await until(() => root.querySelector('h1')?.textContent === 'fc / weight', 'the heading');
  });

  test('keys_work_while_a_checkbox_has_the_focus_but_for_its_own', async () => {
    const { app: opened } = await openMaps();
    const box = inputAt('input[type=checkbox]');
    press('ArrowLeft', box);
    expect(opened.view.step.value).toBe(10);
    press(' ', box);
    expect(opened.playback.playing.value).toBe(false);
  });

  test('what_was_typed_for_a_slice_goes_when_another_is_shown', async () => {
    const { app: opened } = await openMaps();
    const field = inputAt('.lv-slice input');
    act(() => {
      field.value = 'nonsense';
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    press('Enter', field);
    expect(text()).toContain("not 'nonsense'");
    act(() => {
      opened.selection.sample.value = 1;
    });
    await until(() => field.value === '1, :, :, :', 'the slice of the next sample');
    expect(text()).not.toContain("not 'nonsense'");
  });

  test('a_map_that_is_not_there_is_said_and_all_are_shown', async () => {
    open(recordedCnn(), '#layerview&p.layerview.map=7&p.layerview.key=conv.1%2Foutput');
    await seen('There is no map 7: the last is 1. All are shown.');
    expect(text()).toContain('Filter 2');
    expect(text()).not.toContain('Show all');
  });

  test('the_sheet_of_what_can_be_saved_opens_on_s_and_nothing_else_later', async () => {
    const { app: opened } = open(recordedCnn(), '#layerview&p.layerview.place=findings');
    await until(() => opened.findings.answer.value !== null, 'the findings');
    press('s');
    expect(root.querySelector('dialog')).toBe(null);
    act(() => {
      opened.selection.place.value = 'layer';
    });
    await seen('Filter 2');
    expect(root.querySelector('dialog')).toBe(null);
    press('s');
    expect(root.querySelector('dialog')?.textContent).toContain('A link to this view');
  });

  test('a_slider_keeps_its_arrows_and_leaves_letters_to_the_page', async () => {
    const { app: opened } = await openMaps();
    const slider = inputAt('input[type=range]');
    press('ArrowLeft', slider);
    expect(opened.view.step.value).toBe(20);
    press('2', slider);
    expect(opened.selection.tab.value).toBe('compare');
  });

  test('arrows_choose_among_buttons_of_which_one_is_on_and_tab_stops_at_that', async () => {
    const { app: opened } = open(
      recordedCnn(),
      '#layerview&p.layerview.key=fc%2Fparam.weight&p.layerview.tab=statistics',
    );
    await seen('symlog');
    const group = byRole('radiogroup', 'Axis of values');
    const stops = () => [...group.querySelectorAll('button')].map(button => button.tabIndex);
    expect(stops()).toEqual([0, -1]);
    press('ArrowRight', group.querySelector('button') ?? group);
    expect(opened.selection.statistics.value.axis).toBe('symlog');
    expect(opened.view.step.value).toBe(20);
    expect(stops()).toEqual([-1, 0]);
    expect(document.activeElement?.textContent).toBe('symlog');
  });

  test('the_model_is_printed_with_the_location_of_every_layer', async () => {
    open(recordedCnn());
    await seen('Filter 2');
    press('m');
    expect(root.querySelector('dialog pre')?.textContent).toMatch(/\(0\): \S.*model\.conv\[0\]/);
  });

  test('a_drag_that_ends_beside_a_sheet_does_not_close_it_but_a_click_does', async () => {
    open(recordedCnn());
    await seen('Filter 2');
    press('m');
    const dialog = root.querySelector('dialog');
    const text = dialog?.querySelector('pre');
    if (!dialog || !text) throw new Error('expected a sheet with a text');
    const closed = vi.spyOn(dialog, 'close');
    const send = (target: Element, type: string) =>
      act(() => void target.dispatchEvent(new Event(type, { bubbles: true })));
    send(text, 'pointerdown');
    send(dialog, 'click');
    expect(closed).not.toHaveBeenCalled();
    send(dialog, 'pointerdown');
    send(dialog, 'click');
    expect(closed).toHaveBeenCalledOnce();
  });

  test('what_opens_below_its_name_is_closed_by_a_press_beside_it', async () => {
    open(recordedCnn(), '#layerview&p.layerview.place=charts');
    await seen('Statistics: root mean square');
    const box = root.querySelector('details');
    if (!box) throw new Error('expected a box of choices');
    box.open = true;
    act(() => void box.dispatchEvent(new Event('pointerdown', { bubbles: true })));
    expect(box.open).toBe(true);
    act(() => void root.dispatchEvent(new Event('pointerdown', { bubbles: true })));
    expect(box.open).toBe(false);
  });

  test('charts_call_the_model_by_its_class_where_that_is_known', async () => {
    const recorded = recordedCnn();
    // What the page knows of the other run are its keys, not the class of its model.
    recorded.runs.push({ name: 'exp2', frames: 3, first_step: 0, last_step: 20, skipped: 0 });
    open(recorded, '#layerview&p.layerview.place=charts&p.layerview.key=%2Foutput');
    await seen('exp2');
    const drawn = () => [...root.querySelectorAll('.lv-drawn')].map(each => each.textContent);
    await until(() => drawn().length > 1, 'a line for each run');
    expect(drawn()).toEqual(['CNN/output', 'model/output']);
  });

  test('another_sample_is_another_picture', async () => {
    const { app: opened } = await openMaps();
    press(']');
    await until(
      () => opened.view.figure.value?.request.plan.slice === '1,:,:,:',
      'the picture of sample 1',
    );
    expect(text()).toContain('item 1 of the batch');
  });

  test('nan_is_marked_in_the_tree_and_its_first_place_is_one_click_away', async () => {
    const recorded = recordedCnn();
    recorded.stats = { nan: { 'conv.1/output': [0, 4, 9], '/output': [0, 1, 1] } };
    const { app: opened } = open(recorded);
    await seen('NaN or Inf first at');
    act(() => byRole('button', 'step 10, conv.1/output').click());
    await until(
      () => opened.view.figure.value?.request.tensor.key === 'conv.1/output',
      'the picture',
    );
    expect(opened.view.step.value).toBe(10);
    expect(byRole('slider', 'Recorded steps').getAttribute('aria-valuetext')).toBe(
      'step 10, 2 of 3, NaN or Inf in this tensor',
    );
  });

  test('all_layers_close_and_open_again', async () => {
    open(recordedCnn());
    await seen('Filter 2');
    const rows = () => root.querySelectorAll('[role=treeitem]').length;
    const before = rows();
    act(() => byRole('button', 'Close all layers').click());
    expect(rows()).toBeLessThan(before);
    act(() => byRole('button', 'Open all layers').click());
    expect(rows()).toBe(before);
  });

  test('dark_mode_follows_tensorboard', async () => {
    const { dark } = open(recordedCnn());
    await seen('Filter 2');
    expect(root.querySelector('.lv-dark')).toBeNull();
    act(() => {
      dark.value = true;
    });
    expect(root.querySelector('.lv-dark')).not.toBeNull();
  });

  test('every_control_has_a_name', async () => {
    open(recordedCnn());
    await seen('Filter 2');
    const nameless = [...root.querySelectorAll('button, input, select, [role=slider]')].filter(
      control => {
        const label = control.closest('label') ?? root.querySelector(`label[for="${control.id}"]`);
        const name = control.getAttribute('aria-label') ?? control.textContent ?? '';
        return (
          name.trim() === '' && (label === null || control.id === '') && !control.closest('label')
        );
      },
    );
    expect(nameless.map(control => control.outerHTML)).toEqual([]);
  });
});
