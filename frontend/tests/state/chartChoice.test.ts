import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../src/state/address';
import { type ChartChoice, DEFAULT_CHART } from '../../src/state/chartChoice';

const CHOICES: ChartChoice[] = [
  { ...DEFAULT_CHART, keys: ['a/output', 'b,c/param.weight', 'shared/output#1'] },
  { ...DEFAULT_CHART, runs: ['exp 1', 'x/probe&y'], off: ['exp 1\na/output'] },
  { ...DEFAULT_CHART, measures: ['norm', 'saturation'], bands: true, span: [10, 200] },
  { ...DEFAULT_CHART, measures: [], bands: true, panels: 'one', axis: 'log' },
];

test.each(CHOICES)('a_link_says_what_the_charts_show_%#', choice => {
  const hash = formatAddress('#layerview', { chart: choice });
  expect(parseAddress(hash).chart).toEqual(choice);
});

test('what_a_link_says_wrong_is_as_usual', () => {
  const hash = '#layerview&p.layerview.chart=nonsense~7~x~9:2&p.layerview.chart.keys=%25E0%25A4';
  expect(parseAddress(hash).chart).toEqual(DEFAULT_CHART);
});

test('charts_that_are_as_usual_are_not_in_the_link', () => {
  expect(formatAddress('#layerview', { chart: DEFAULT_CHART })).toBe('#layerview');
  expect(parseAddress('#layerview').chart).toBeUndefined();
});
