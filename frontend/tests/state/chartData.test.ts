import { expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import { chartCsv } from '../../src/state/chartCsv';
import { type ChartRequest, loadChart } from '../../src/state/chartData';
import { MOST_HISTOGRAMS } from '../../src/state/loadHistograms';
import { fakeServer, recordedCnn } from '../support/fakeServer';

const BASE = 'http://tensorboard.test/data/plugin/layerview/';
const { signal } = new AbortController();
const WANTED: ChartRequest = {
  runs: ['exp1'],
  keys: ['fc/param.weight', 'gone/output', '/output'],
  measures: ['rms', 'zero_share'],
  bands: false,
  span: null,
};

function load(request: Partial<ChartRequest>, mostColumns = 2048) {
  const recorded = recordedCnn();
  recorded.stats = {
    rms: { 'fc/param.weight': [1, Number.NaN, 3], '/output': [4, 5, 6] },
    zero_share: { '/output': [0, 0.5, 1] },
    nan: { '/output': [0, 7, 0] },
  };
  const { fetch } = fakeServer(recorded);
  return loadChart(new Client(BASE, fetch), { ...WANTED, ...request }, signal, {
    mostColumns,
    everyBand: false,
  });
}

test('each_statistic_of_each_tensor_that_a_run_has_is_a_line', async () => {
  const { lines, failures } = await load({});
  expect(failures).toEqual([]);
  expect(lines.map(({ key, measure, values }) => [key, measure, [...values]])).toEqual([
    ['fc/param.weight', 'rms', [1, Number.NaN, 3]],
    ['fc/param.weight', 'zero_share', [0, 0, 0]],
    ['/output', 'rms', [4, 5, 6]],
    ['/output', 'zero_share', [0, 0.5, 1]],
  ]);
  expect([...(lines[2]?.nonFinite ?? [])]).toEqual([0, 7, 0]);
});

test('only_the_chosen_steps_are_asked_for_in_blocks_where_they_are_many', async () => {
  const { lines } = await load({ keys: ['/output'], measures: ['rms'], span: [5, 25] });
  expect(lines[0]?.blocks).toEqual([
    [10, 10],
    [20, 20],
  ]);
  const blocks = (await load({ keys: ['/output'], measures: ['rms'] }, 2)).lines[0];
  expect(blocks?.blocks).toEqual([
    [0, 10],
    [20, 20],
  ]);
  expect([...(blocks?.values ?? [])]).toEqual([5, 6]);
});

test('a_run_that_cannot_be_read_does_not_take_the_others_with_it', async () => {
  const found = await load({ runs: ['gone', 'exp1'] });
  expect(found.failures.map(({ run }) => run)).toEqual(['gone']);
  expect(found.lines).toHaveLength(4);
  await expect(load({ runs: ['gone'] })).rejects.toThrow('expected a recorded one');
});

test('percentiles_that_cannot_be_read_do_not_take_the_lines_with_them', async () => {
  const { fetch } = fakeServer(recordedCnn());
  const broken: typeof fetch = async (input, options) =>
    String(input).includes('/histogram') && String(input).includes('fc%2F')
      ? new Response('{"error": {"code": "damaged", "message": "bytes 10 to 20"}}', { status: 500 })
      : fetch(input, options);
  const client = new Client(BASE, broken);
  const found = await loadChart(client, { ...WANTED, bands: true }, signal);
  expect(found.lines).toHaveLength(4);
  expect(found.bands.map(({ key }) => key)).toEqual(['/output']);
  const told = found.failures.map(({ run, key, error }) => [run, key, error.message]);
  expect(told).toEqual([['exp1', 'fc/param.weight', 'bytes 10 to 20']]);
});

test('the_numbers_are_saved_with_a_column_a_line_and_gaps_left_empty', async () => {
  const { lines } = await load({ measures: ['rms'] });
  expect(chartCsv({ lines, bands: [] })).toBe(
    'step,"exp1 fc/param.weight rms","exp1 /output rms"\n0,1,4\n10,,5\n20,3,6\n',
  );
});

test('bands_are_of_the_chosen_steps_and_no_others_are_asked_for', async () => {
  const recorded = recordedCnn();
  recorded.stats = {
    min: { '/output': [-4, -3, -2] },
    max: { '/output': [4, 3, 2] },
  };
  const { fetch, asked } = fakeServer(recorded);
  const request: ChartRequest = { ...WANTED, measures: [], bands: true, span: [5, 25] };
  const { bands } = await loadChart(new Client(BASE, fetch), request, signal);
  const found = bands.find(({ key }) => key === '/output');
  expect(found?.steps).toEqual([10, 20]);
  // The outermost bins are open: what tells their ends are the extremes of these very steps.
  const [lowest, highest] = [found?.rows[0], found?.rows.at(-1)];
  expect(lowest?.[0]).toBeGreaterThanOrEqual(-3);
  expect(highest?.[0]).toBeGreaterThan(2);
  expect(highest?.[0]).toBeLessThanOrEqual(3);
  expect(highest?.[1]).toBeLessThanOrEqual(2);
  const ranges = asked.filter(path => path.startsWith('histogram'));
  expect(ranges).toHaveLength(2 * bands.length);
  for (const path of ranges) {
    expect(path).toContain(`first_step=10&last_step=20&max_rows=${MOST_HISTOGRAMS}`);
  }
});
