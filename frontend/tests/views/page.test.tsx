// @vitest-environment happy-dom
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Client } from '../../src/api/client';
import { App } from '../../src/state/app';
import { AppContext } from '../../src/views/appContext';
import { Page } from '../../src/views/Page';
import { fakePage } from '../support/fakePage';
import { fakeServer, type Recorded, recordedCnn, tensor } from '../support/fakeServer';
import { giveElementsSize } from '../support/layout';
import { until } from '../support/until';

// The charts draw on a canvas, which this DOM does not have.
vi.mock('uplot', () => ({
  default: class {
    readonly over = document.createElement('div');
    readonly cursor = {};
    readonly setData = () => undefined;
    readonly setSize = () => undefined;
    readonly redraw = () => undefined;
    readonly destroy = () => undefined;
  },
}));

const BASE = 'http://tensorboard.test/data/plugin/layerview/';

let root: HTMLElement;
let app: App | null = null;

beforeEach(() => {
  giveElementsSize();
  root = document.createElement('div');
  document.body.append(root);
});

afterEach(() => {
  act(() => render(null, root));
  app?.dispose();
  app = null;
  root.remove();
  vi.unstubAllGlobals();
});

function open(recorded: Recorded, hash = '#layerview', request = fakeServer(recorded).fetch) {
  const around = fakePage(hash);
  const opened = new App(new Client(BASE, request), around.page);
  app = opened;
  act(() =>
    render(
      <AppContext.Provider value={opened}>
        <Page />
      </AppContext.Provider>,
      root,
    ),
  );
  return { app: opened, ...around };
}

const text = () => root.textContent ?? '';
const seen = (words: string) => until(() => text().includes(words), `to read '${words}'`);

/** Elements that have a role without being told. */
const ELEMENTS: Readonly<Record<string, string>> = { row: 'tr' };

function byRole(role: string, name: string): HTMLElement {
  const found = [
    ...root.querySelectorAll<HTMLElement>(`[role=${role}], ${ELEMENTS[role] ?? role}`),
  ].find(
    element => element.getAttribute('aria-label') === name || element.textContent?.trim() === name,
  );
  if (!found) throw new Error(`expected a ${role} named '${name}'`);
  return found;
}

function press(key: string, target: EventTarget = document.body): void {
  act(() => {
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  });
}

describe('the page', () => {
  test('it_shows_the_model_as_print_does_and_a_tensor_with_its_facts', async () => {
    open(recordedCnn());
    await seen('Filter 2');
    expect(root.querySelector('h1')?.textContent).toBe('conv.0 / output');
    expect(text()).toContain('(0): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))');
    expect(text()).toContain('(2, 2, 4, 4)');
    expect(text()).toContain('model.conv[0]');
    expect(text()).toContain('step 20');
  });

  test('a_click_on_a_tensor_shows_it', async () => {
    open(recordedCnn());
    await seen('Filter 2');
    act(() => byRole('treeitem', 'weight(3, 8)').click());
    await until(() => root.querySelector('h1')?.textContent === 'fc / weight', 'the heading');
    await seen('Input Node Index');
    expect(text()).toContain('Output Node Index');
  });

  test('without_runs_it_says_how_to_record_one', async () => {
    open({ ...recordedCnn(), runs: [] });
    await seen('No run has layer data yet');
    expect(text()).toContain('LayerView(model, writer, kinds=("param", "output")');
    expect(byRole('button', 'Copy the code').textContent).toContain('Copy');
  });

  test('a_server_that_does_not_answer_is_named_and_can_be_asked_again', async () => {
    const server = fakeServer(recordedCnn());
    let reachable = false;
    const request: typeof fetch = async (...call) => {
      if (!reachable) throw new TypeError('Failed to fetch');
      return server.fetch(...call);
    };
    open(recordedCnn(), '#layerview', request);
    await seen('TensorBoard does not answer');
    reachable = true;
    act(() => byRole('button', 'Try again').click());
    await seen('Filter 2');
  });

  test('a_run_of_a_link_that_is_unknown_offers_those_that_are_known', async () => {
    open(recordedCnn(), '#layerview&p.layerview.run=gone');
    await seen('There is no such run');
    act(() => byRole('button', 'exp1').click());
    await seen('Filter 2');
  });

  test('a_tensor_of_a_link_that_is_unknown_offers_the_nearest', async () => {
    open(recordedCnn(), '#layerview&p.layerview.key=fc%2Fparam.wieght');
    await seen('There is no such tensor in this run');
    act(() => byRole('button', 'fc/param.weight').click());
    await until(() => root.querySelector('h1')?.textContent === 'fc / weight', 'the heading');
  });

  test('a_step_of_a_link_that_is_unknown_is_said_to_be_the_nearest', async () => {
    open(recordedCnn(), '#layerview&p.layerview.step=12');
    await seen('Step 12 was not recorded in this run.');
    act(() => byRole('button', 'Stay here').click());
    await until(() => !text().includes('was not recorded'), 'the notice to go');
    expect(text()).toContain('step 10');
  });

  test('a_run_before_its_first_step_says_that_it_waits', async () => {
    const recorded = recordedCnn();
    recorded.catalog = { ...recorded.catalog, steps: [], tensors: [] };
    open(recorded);
    await seen('Waiting for the first step');
  });

  test('what_the_server_refuses_is_shown_in_its_own_words', async () => {
    const server = fakeServer(recordedCnn());
    const request: typeof fetch = async (input, options) =>
      String(input).includes('/array?')
        ? new Response(
            JSON.stringify({ error: { code: 'damaged', message: 'run.lvlog: damaged at byte 7' } }),
            { status: 500 },
          )
        : server.fetch(input, options);
    open(recordedCnn(), '#layerview', request);
    await seen('The log is damaged here');
    expect(text()).toContain('run.lvlog: damaged at byte 7');
  });

  test('a_tensor_of_which_only_statistics_were_kept_leads_to_them', async () => {
    const recorded = recordedCnn();
    recorded.catalog.tensors = [
      tensor('emb/param.weight', [50_000, 768], ['Token', 'Feature'], { stored: 'statistics' }),
    ];
    const { app: opened } = open(recorded);
    await seen('Its elements were not kept');
    act(() => byRole('button', 'Show its statistics').click());
    expect(opened.selection.tab.value).toBe('statistics');
  });

  test('a_tensor_kept_as_its_pyramid_is_drawn_and_says_what_a_cell_is', async () => {
    const recorded = recordedCnn();
    const more = { stored: 'pyramid', levels: 1 } as const;
    recorded.catalog.tensors = [tensor('emb/param.weight', [100, 60], ['Token', 'Feature'], more)];
    const { app: opened } = open(recorded);
    await seen('level 1: a cell is the mean of 8 x 8 elements; elements were not kept because');
    expect(root.querySelector('.lv-heading')?.textContent).toContain('the mean of 8 x 8 elements');
    expect(root.querySelector('.lv-frame')?.getAttribute('aria-label')).toContain('13 by 8');
    expect(root.querySelector('.lv-axis')?.textContent).toContain('0-7');

    const cells = root.querySelector<HTMLSelectElement>('.lv-toolbar select');
    if (!cells) throw new Error('expected a choice of what a cell shows');
    cells.value = 'max';
    act(() => {
      cells.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await seen('level 1: a cell is the greatest of 8 x 8 elements; elements were not kept');
    expect(opened.view.figure.value?.request.plan.plane).toBe('max');
  });

  test('a_block_is_read_by_the_range_of_its_elements', async () => {
    const recorded = recordedCnn();
    const more = { stored: 'pyramid', levels: 1 } as const;
    recorded.catalog.tensors = [tensor('emb/param.weight', [100, 60], ['Token', 'Feature'], more)];
    open(recorded);
    await seen('level 1');
    const frame = root.querySelector('.lv-frame');
    if (!frame) throw new Error('expected a picture');
    press('End', frame);
    press('End', frame);
    // The fake counts up from the step, 20; block 7 of the row stands for columns 56 to 59.
    await seen('Token 0-7, Feature 56-59');
    expect(text()).toContain('emb/param.weight[0:8, 56:60] at step 20:mean 27');
  });

  test('arrow_keys_home_and_end_move_over_the_steps', async () => {
    const { app: opened } = open(recordedCnn());
    await seen('Filter 2');
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
    const { app: opened } = open(recordedCnn());
    await seen('Filter 2');
    const filter = root.querySelector<HTMLInputElement>('#lv-filter');
    if (!filter) throw new Error('expected a filter box');
    press('ArrowLeft', filter);
    press('2', filter);
    expect(opened.view.step.value).toBe(20);
    expect(opened.selection.tab.value).toBe('heat');
  });

  test('the_filter_narrows_the_tree_and_says_when_nothing_is_left', async () => {
    const { app: opened } = open(recordedCnn());
    await seen('Filter 2');
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

  test('another_sample_is_another_picture', async () => {
    const { app: opened } = open(recordedCnn());
    await seen('Filter 2');
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
