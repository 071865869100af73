// @vitest-environment happy-dom
import { act } from 'preact/test-utils';
import { describe, expect, test, vi } from 'vitest';
import { fakeServer, recordedCnn, tensor } from '../support/fakeServer';
import { byRole, open, press, root, seen, text } from '../support/openPage';
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

  test('a_tensor_of_a_layer_that_was_not_called_is_told_from_a_layer_that_is_unknown', async () => {
    const recorded = recordedCnn();
    recorded.catalog.tensors = recorded.catalog.tensors.filter(
      ({ key }) => key !== 'conv.1/output',
    );
    open(recorded, '#layerview&p.layerview.key=conv.1%2Foutput');
    await seen('The model has the layer conv.1: no recorded step called it');
    open(recorded, '#layerview&p.layerview.key=conv.7%2Foutput');
    await seen('The link names conv.7/output.');
    expect(text()).not.toContain('The model has the layer');
  });

  test('a_step_of_a_link_that_is_unknown_is_said_to_be_the_nearest', async () => {
    open(recordedCnn(), '#layerview&p.layerview.step=12');
    await seen('Step 12 was not recorded in this run.');
    act(() => byRole('button', 'Stay here').click());
    await until(() => !text().includes('was not recorded'), 'the notice to go');
    expect(text()).toContain('step 10');
  });

  test('steps_that_were_dropped_for_room_are_left_out_and_told', async () => {
    const recorded = recordedCnn();
    recorded.catalog = {
      ...recorded.catalog,
      summarized: [10],
      kept: { whole: 2, summarized: 1, recorded: 40 },
    };
    open(recorded, '#layerview&p.layerview.step=10');
    await seen('Of step 10 only the statistics are kept.');
    expect(text()).toContain('This is the nearest, step 0.');
    expect(text()).toContain('1 of 2 kept, 40 recorded');
    expect(text()).toContain('2 of 40 recorded steps are kept, and the statistics of 1 other:');
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
});
