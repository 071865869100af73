import { afterEach, describe, expect, test, vi } from 'vitest';
import { Client } from '../../src/api/client';
import { App } from '../../src/state/app';
import { fakePage } from '../support/fakePage';
import { fakeServer, module, type Recorded, recordedCnn, tensor } from '../support/fakeServer';
import { until } from '../support/until';

const BASE = 'http://tensorboard.test/data/plugin/layerview/';
const running: App[] = [];

function start(
  recorded: Recorded,
  hash = '#layerview',
  server = fakeServer(recorded),
  around = fakePage(hash),
) {
  const app = new App(new Client(BASE, server.fetch), around.page);
  running.push(app);
  const shown = async (key: string, step: number) =>
    until(() => {
      const figure = app.view.figure.value;
      return figure?.request.tensor.key === key && figure.request.step === step;
    }, `${key} at step ${step}`);
  return { app, ...around, ...server, shown };
}

afterEach(() => {
  for (const app of running.splice(0)) app.dispose();
});

describe('the app', () => {
  test('it_begins_with_the_newest_feature_maps_of_the_first_run', async () => {
    const { app, shown } = start(recordedCnn());
    await shown('conv.0/output', 20);
    expect(app.view.following.value).toBe(true);
    expect(app.view.figure.value?.maps).toHaveLength(2);
  });

  test('a_link_is_shown_as_it_was_left_and_written_back_unchanged', async () => {
    const hash =
      '#layerview&p.layerview.run=exp1&p.layerview.key=conv.1%2Foutput&p.layerview.step=10&p.layerview.sample=1';
    const { app, shown, history } = start(recordedCnn(), hash);
    await shown('conv.1/output', 10);
    expect(app.view.figure.value?.request.plan.slice).toBe('1,:,:,:');
    await new Promise(resolve => setTimeout(resolve, 400));
    expect(history).toEqual([hash]);
  });

  test('charts_of_percentiles_alone_can_be_saved', async () => {
    const hash =
      '#layerview&p.layerview.place=charts&p.layerview.chart=percentiles~each~linear~&p.layerview.key=fc%2Fparam.weight';
    const { app } = start(recordedCnn(), hash);
    await until(() => app.chart.answer.value !== null, 'the charts');
    const { lines = [], bands = [] } = app.chart.answer.value?.value ?? {};
    expect([lines.length, bands.length]).toEqual([0, 1]);
    expect(app.canSave.value).toBe(true);
  });

  test('a_tensor_that_is_linked_to_is_seen_in_a_tree_that_is_closed_at_first', async () => {
    const recorded = recordedCnn();
    const names = Array.from({ length: 100 }, (_, i) => `blocks.${i}`);
    const layers = ['blocks', ...names, ...names.map(name => `${name}.fc`)];
    recorded.catalog.modules.push(...layers.map((path, i) => module(path, 'Block', 10 + i)));
    recorded.catalog.tensors.push(
      ...names.map(name => tensor(`${name}.fc/param.weight`, [3, 4], ['Output', 'Input'])),
    );
    const hash = '#layerview&p.layerview.run=exp1&p.layerview.key=blocks.70.fc%2Fparam.weight';
    const { app, shown } = start(recorded, hash);
    await shown('blocks.70.fc/param.weight', 20);
    const isSeen = (id: string) => app.tree.rows.value.some(row => row.id === id);
    expect(isSeen('blocks.70.fc/param.weight')).toBe(true);
    expect(isSeen('blocks.71.fc/param.weight')).toBe(false);
    app.tree.setOpen('blocks.70', false);
    expect(isSeen('blocks.70.fc/param.weight')).toBe(false);
    app.selection.chooseKey('blocks.71.fc/param.weight');
    await until(() => isSeen('blocks.71.fc/param.weight'), 'the other one');
  });

  test('choosing_another_tensor_makes_a_place_to_go_back_to', async () => {
    const { app, shown, history, back } = start(recordedCnn());
    await shown('conv.0/output', 20);
    await until(() => history.at(-1)?.includes('conv.0%2Foutput') === true, 'the first address');
    app.selection.chooseKey('fc/param.weight');
    await until(() => history.length === 2, 'a second place');
    back();
    await shown('conv.0/output', 20);
  });

  test('a_link_that_is_followed_while_the_address_is_due_to_be_written_is_not_lost', async () => {
    const { app, history } = start(recordedCnn());
    await until(() => history.at(-1)?.includes('conv.0%2Foutput') === true, 'the first address');
    app.selection.chooseKey('conv.1/output');
    // The address is another at once, and the event that says so is still to come.
    const link = '#layerview&p.layerview.run=exp1&p.layerview.key=fc%2Fparam.weight';
    history.push(link);
    await until(() => app.view.tensor.value?.key === 'fc/param.weight', 'the tensor of the link');
    expect(history.at(-1)).toBe(link);
  });

  test('a_hash_that_says_nothing_of_ours_changes_nothing', async () => {
    const { app, shown, goTo } = start(recordedCnn());
    app.selection.chooseKey('fc/param.weight');
    await shown('fc/param.weight', 20);
    goTo('#scalars');
    expect(app.selection.key.value).toBe('fc/param.weight');
  });

  test('a_key_of_a_link_that_the_run_does_not_have_is_said_to_be_missing', async () => {
    const { app } = start(recordedCnn(), '#layerview&p.layerview.key=fc%2Fparam.wieght');
    await until(() => app.view.missingKey.value !== null, 'the missing key');
    expect(app.view.missingKey.value).toBe('fc/param.wieght');
    expect(app.view.tensor.value).toBeNull();
  });

  test('in_another_run_without_the_chosen_key_its_first_is_shown', async () => {
    const recorded = recordedCnn();
    recorded.runs.push({ name: 'exp2', frames: 3, first_step: 0, last_step: 20, skipped: 0 });
    const { app, shown } = start(recorded);
    await shown('conv.0/output', 20);
    app.selection.chooseKey('elsewhere/output');
    app.selection.chooseRun('exp2');
    await until(() => app.view.figure.value?.request.run === 'exp2', 'a picture of exp2');
    expect(app.view.missingKey.value).toBeNull();
  });

  test('a_step_that_was_not_recorded_shows_the_nearest_and_says_so', async () => {
    const { app, shown } = start(recordedCnn(), '#layerview&p.layerview.step=13');
    await shown('conv.0/output', 10);
    expect(app.view.missingStep.value).toBe(13);
  });

  test('a_new_step_is_shown_while_following_and_only_then', async () => {
    const recorded = recordedCnn();
    const { app, shown } = start(recorded);
    await shown('conv.0/output', 20);
    recorded.catalog = { ...recorded.catalog, steps: [0, 10, 20, 30] };
    recorded.runs = recorded.runs.map(run => ({ ...run, frames: 4, last_step: 30 }));
    await shown('conv.0/output', 30);
    app.playback.goTo(0);
    await shown('conv.0/output', 0);
    recorded.catalog = { ...recorded.catalog, steps: [0, 10, 20, 30, 40] };
    recorded.runs = recorded.runs.map(run => ({ ...run, frames: 5, last_step: 40 }));
    await until(() => app.view.steps.value.length === 5, 'the fifth step');
    expect(app.view.step.value).toBe(0);
  });

  test('an_unchanged_run_is_not_asked_for_its_catalog_again', async () => {
    const { app, shown, asked } = start(recordedCnn());
    await shown('conv.0/output', 20);
    app.view.runs.reload();
    await until(() => asked.filter(path => path === 'runs').length >= 2, 'a second look');
    expect(asked.filter(path => path.startsWith('catalog'))).toHaveLength(1);
  });

  test('playing_shows_every_recorded_step_and_stops_at_the_last', async () => {
    const { app, shown, asked } = start(recordedCnn(), '#layerview&p.layerview.step=0');
    await shown('conv.0/output', 0);
    app.playback.speed.value = 30;
    app.playback.toggle();
    await shown('conv.0/output', 10);
    await shown('conv.0/output', 20);
    await until(() => !app.playback.playing.value, 'the end');
    const steps = asked.filter(
      path => path.startsWith('array') && path.includes('conv.0%2Foutput'),
    );
    expect(new Set(steps.map(path => new URLSearchParams(path).get('step')))).toEqual(
      new Set(['0', '10', '20']),
    );
  });

  test('a_picture_seen_before_comes_without_a_request', async () => {
    const { app, shown, asked } = start(recordedCnn(), '#layerview&p.layerview.step=0');
    await shown('conv.0/output', 0);
    app.playback.goTo(1);
    await shown('conv.0/output', 10);
    const before = asked.length;
    app.playback.goTo(0);
    await shown('conv.0/output', 0);
    expect(asked.slice(before).filter(path => path.startsWith('array'))).toEqual([]);
  });

  test('a_server_that_went_away_is_noticed_and_what_was_loaded_stays', async () => {
    const server = fakeServer(recordedCnn());
    const request = vi.fn(server.fetch);
    const { app, shown } = start(recordedCnn(), '#layerview', { ...server, fetch: request });
    await shown('conv.0/output', 20);
    request.mockRejectedValue(new TypeError('Failed to fetch'));
    app.view.runs.reload();
    await until(() => app.serverGone.value, 'the server to be missed');
    expect(app.view.figure.value?.request.tensor.key).toBe('conv.0/output');
    request.mockImplementation(server.fetch);
    app.view.runs.reload();
    await until(() => !app.serverGone.value, 'the server to be back');
  });

  test('a_picture_that_was_missed_comes_by_itself_when_the_server_is_back', async () => {
    const server = fakeServer(recordedCnn());
    const request = vi.fn(server.fetch);
    const { app, shown } = start(recordedCnn(), '#layerview', { ...server, fetch: request });
    await shown('conv.0/output', 20);
    request.mockRejectedValue(new TypeError('Failed to fetch'));
    app.selection.chooseKey('fc/param.weight');
    await until(() => app.view.picture.error.value !== null, 'the picture to fail');
    request.mockImplementation(server.fetch);
    await shown('fc/param.weight', 20);
  });

  test('a_tensor_without_elements_is_not_asked_for', async () => {
    const recorded = recordedCnn();
    recorded.catalog.tensors = [
      tensor('emb/param.weight', [50_000, 768], ['Token', 'Feature'], { stored: 'statistics' }),
    ];
    const { app, asked } = start(recorded);
    await until(() => app.view.tensor.value !== null, 'the catalog');
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(asked.filter(path => path.startsWith('array'))).toEqual([]);
  });

  test('where_something_was_first_not_finite_is_found_over_all_keys', async () => {
    const recorded = recordedCnn();
    recorded.stats = { nan: { '/output': [0, 3, 3], 'conv.1/output': [0, 1, 9] } };
    const { app } = start(recorded);
    await until(() => app.summary.health.value !== null, 'the statistics');
    expect(app.summary.health.value?.first).toEqual({ step: 10, key: 'conv.1/output', count: 1 });
  });

  test('the_sample_comes_with_its_input_target_and_prediction', async () => {
    const { app, shown } = start(recordedCnn(), '#layerview&p.layerview.sample=1');
    await shown('conv.0/output', 20);
    await until(() => app.sample.answer.value !== null, 'the sample');
    expect(app.sample.answer.value?.value.input?.shape).toEqual([1, 4, 4]);
    expect(app.sample.answer.value?.value.prediction?.shape).toEqual([3]);
    expect(app.sample.answer.value?.value.target?.shape).toEqual([]);
  });

  test('the_sample_is_asked_for_once_its_picture_was_painted', async () => {
    const around = fakePage();
    let paint = () => {};
    around.page.painted = () =>
      new Promise(resolve => {
        paint = resolve;
      });
    const recorded = recordedCnn();
    const { app, asked, shown } = start(recorded, '#layerview', fakeServer(recorded), around);
    await shown('conv.0/output', 20);
    const ofSample = () => asked.filter(path => path.includes('sample.inputs'));
    await new Promise(resolve => setTimeout(resolve));
    expect(ofSample()).toEqual([]);
    paint();
    await until(() => app.sample.answer.value !== null, 'the sample');
    expect(ofSample()).toHaveLength(1);
  });

  test('after_dispose_nothing_listens_and_nothing_is_asked', async () => {
    const { app, shown, asked, listeners } = start(recordedCnn());
    await shown('conv.0/output', 20);
    app.dispose();
    const before = asked.length;
    await new Promise(resolve => setTimeout(resolve, 1200));
    expect(asked.length).toBe(before);
    expect(listeners.size).toBe(0);
  });
});
