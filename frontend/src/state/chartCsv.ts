import type { ChartData } from './chartData';
import type { ChartLine } from './chartLines';
import { quoted } from './csv';
import { PERCENTILES } from './percentiles';

interface Column {
  readonly name: string;
  readonly valueAt: ReadonlyMap<number, number>;
}

function columnOf({ run, key, measure, blocks, values }: ChartLine): Column {
  const valueAt = new Map(blocks.map(([step], i) => [step, values[i] ?? Number.NaN]));
  return { name: `${run} ${key} ${measure}`, valueAt };
}

/**
 * All lines as comma-separated values, every digit of them: a line a step, a column a line of the
 * charts. Empty where a tensor was not recorded, or has no such number.
 */
export function chartCsv({ lines, bands }: Pick<ChartData, 'lines' | 'bands'>): string {
  const columns = [
    ...lines.map(columnOf),
    ...bands.flatMap(({ run, key, steps, rows }) =>
      rows.map((row, i) => ({
        name: `${run} ${key} percentile ${PERCENTILES[i]}`,
        valueAt: new Map(steps.map((step, at) => [step, row[at] ?? Number.NaN])),
      })),
    ),
  ];
  const steps = [...new Set(columns.flatMap(({ valueAt }) => [...valueAt.keys()]))].sort(
    (a, b) => a - b,
  );
  const textOf = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? '' : String(value);
  const head = ['step', ...columns.map(({ name }) => quoted(name))].join(',');
  const rows = steps.map(step =>
    [String(step), ...columns.map(({ valueAt }) => textOf(valueAt.get(step)))].join(','),
  );
  return `${[head, ...rows].join('\n')}\n`;
}
