import { memberOf } from './member';
import { parseSpan, type StepSpan, spanText } from './stepSpan';

/** How the histograms of all steps are drawn: a column of colours a step, or a curve a step. */
export const HISTORY_KINDS = ['strip', 'ridge'] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

/** How the values run below the histogram of one step. */
export const VALUE_AXES = ['linear', 'symlog'] as const;
export type ValueAxis = (typeof VALUE_AXES)[number];

/** How the statistics of a tensor are looked at. */
export interface StatisticsChoice {
  readonly history: HistoryKind;
  readonly axis: ValueAxis;
  readonly span: StepSpan;
}

export const DEFAULT_STATISTICS: StatisticsChoice = {
  history: 'strip',
  axis: 'linear',
  span: null,
};

/** The entries of a link; none where all is as usual. */
export function statisticsEntries(
  choice: StatisticsChoice = DEFAULT_STATISTICS,
): [string, string | undefined][] {
  const { history, axis, span } = choice;
  return [
    ['history', history === DEFAULT_STATISTICS.history ? undefined : history],
    ['histogram', axis === DEFAULT_STATISTICS.axis ? undefined : axis],
    ['span', spanText(span) || undefined],
  ];
}

/** What a link says of the statistics; undefined where it says nothing. */
export function parseStatistics(named: ReadonlyMap<string, string>): StatisticsChoice | undefined {
  const choice = {
    history: memberOf(HISTORY_KINDS, named.get('history')) ?? DEFAULT_STATISTICS.history,
    axis: memberOf(VALUE_AXES, named.get('histogram')) ?? DEFAULT_STATISTICS.axis,
    span: parseSpan(named.get('span') ?? ''),
  };
  return isDefaultStatistics(choice) ? undefined : choice;
}

/** Whether the statistics are as they are when nobody chose anything. */
export function isDefaultStatistics(choice: StatisticsChoice): boolean {
  return statisticsEntries(choice).every(([, text]) => text === undefined);
}
