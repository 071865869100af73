import { SHOWN_MEASURES, type ShownMeasure } from './measures';
import { memberOf } from './member';
import { parseSpan, type StepSpan, spanText } from './stepSpan';

/** One chart a statistic, or all lines in one. */
export const PANELS = ['each', 'one'] as const;
export type Panels = (typeof PANELS)[number];

export const AXES = ['linear', 'log'] as const;
export type AxisKind = (typeof AXES)[number];

/** What the charts show: each statistic of each tensor of each run is a line. */
export interface ChartChoice {
  /** Null: all runs that have one of the tensors. */
  readonly runs: readonly string[] | null;
  /** Null: the tensor that is shown. */
  readonly keys: readonly string[] | null;
  readonly measures: readonly ShownMeasure[];
  /** Whether the percentiles of each tensor are drawn as bands, too. */
  readonly bands: boolean;
  readonly panels: Panels;
  readonly axis: AxisKind;
  /** The steps that are shown; null is all of them. */
  readonly span: StepSpan;
  /** Lines that are switched off, as `lineName` names them. */
  readonly off: readonly string[];
}

export const DEFAULT_CHART: ChartChoice = {
  runs: null,
  keys: null,
  measures: ['rms'],
  bands: false,
  panels: 'each',
  axis: 'linear',
  span: null,
  off: [],
};

/** What a line of a run and a tensor is called where one is switched off. */
export function lineName(run: string, key: string): string {
  return `${run}\n${key}`;
}

const BANDS = 'percentiles';

function listText(names: readonly string[] | null): string | undefined {
  return names === null || names.length === 0
    ? undefined
    : names.map(name => encodeURIComponent(name)).join(',');
}

function parseList(text: string | undefined): string[] | null {
  if (text === undefined || text === '') return null;
  try {
    return text.split(',').map(name => decodeURIComponent(name));
  } catch {
    return null; // A link cut off in the middle of an escape.
  }
}

/** `rms+norm+percentiles~each~log~100:200`. */
function shapeText({ measures, bands, panels, axis, span }: ChartChoice): string {
  const shown = [...measures, ...(bands ? [BANDS] : [])].join('+');
  return [shown, panels, axis, spanText(span)].join('~');
}

/** The entries of a link, by the name that each has after `chart`; none where all is as usual. */
export function chartEntries(choice: ChartChoice | undefined): [string, string | undefined][] {
  if (choice === undefined) return [];
  const shape = shapeText(choice);
  return [
    ['chart', shape === shapeText(DEFAULT_CHART) ? undefined : shape],
    ['chart.keys', listText(choice.keys)],
    ['chart.runs', listText(choice.runs)],
    ['chart.off', listText(choice.off)],
  ];
}

/** What a link says of the charts; undefined where it says nothing. */
export function parseChart(named: ReadonlyMap<string, string>): ChartChoice | undefined {
  const entries = ['chart', 'chart.keys', 'chart.runs', 'chart.off'].map(name => named.get(name));
  if (entries.every(entry => entry === undefined)) return undefined;
  const [shape, keys, runs, off] = entries;
  const [shown = '', panels, axis, span = ''] = (shape ?? '').split('~');
  const words = shown.split('+');
  const measures = words.flatMap(word => memberOf(SHOWN_MEASURES, word) ?? []);
  const bands = words.includes(BANDS);
  return {
    runs: parseList(runs),
    keys: parseList(keys),
    measures: measures.length === 0 && !bands ? DEFAULT_CHART.measures : measures,
    bands,
    panels: memberOf(PANELS, panels) ?? DEFAULT_CHART.panels,
    axis: memberOf(AXES, axis) ?? DEFAULT_CHART.axis,
    span: parseSpan(span),
    off: parseList(off) ?? [],
  };
}

/** Whether the charts are as they are when nobody chose anything. */
export function isDefaultChart(choice: ChartChoice): boolean {
  return chartEntries(choice).every(([, text]) => text === undefined);
}
