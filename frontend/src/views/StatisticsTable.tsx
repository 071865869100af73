import type { Statistic } from '../contract/messages';
import { ALL_STATISTICS, STATISTIC_LABELS, STATISTIC_MEANINGS } from '../state/measures';
import type { StatTable } from '../state/statTable';

export type StatisticsAt = Readonly<Record<Statistic, number>>;

/** All statistics of a key at a step; null where it was not recorded at that step. */
export function statisticsAt(table: StatTable, key: string, step: number): StatisticsAt | null {
  const column = table.steps.indexOf(step);
  const entries = ALL_STATISTICS.map(stat => [stat, table.row(stat, key)[column] ?? Number.NaN]);
  const statistics: StatisticsAt = Object.fromEntries(entries);
  return Number.isNaN(statistics.count) ? null : statistics;
}

const COUNTS: ReadonlySet<Statistic> = new Set(['count', 'nan', 'pos_inf', 'neg_inf', 'zero']);
const BAD: ReadonlySet<Statistic> = new Set(['nan', 'pos_inf', 'neg_inf']);
const DIGITS = 7;
const PERCENT = 100;

function valueText(stat: Statistic, value: number, count: number): string {
  if (Number.isNaN(value)) return 'none';
  if (!COUNTS.has(stat)) return String(Number(value.toPrecision(DIGITS)));
  const whole = value.toLocaleString('en');
  if (stat === 'count' || value === 0) return whole;
  return `${whole} (${((PERCENT * value) / count).toPrecision(3)} %)`;
}

/** What a step changed is told of parameters only: elsewhere a row for it would say nothing. */
function isTold(stat: Statistic, value: number): boolean {
  return !(stat.startsWith('update_') && Number.isNaN(value));
}

interface Props {
  statistics: StatisticsAt;
  step: number;
  /** Of what the statistics are: samples that were not kept count too. */
  scope: string;
}

/** The exact statistics of all elements at one step. Extremes and moments are of the finite ones. */
export function StatisticsTable({ statistics, step, scope }: Props) {
  return (
    <section class="lv-card">
      <header>
        <h2>At step {step}</h2>
        <span class="lv-muted">{scope}</span>
      </header>
      <table class="lv-stats">
        <tbody>
          {ALL_STATISTICS.filter(stat => isTold(stat, statistics[stat])).map(stat => (
            <tr key={stat} class={BAD.has(stat) && statistics[stat] > 0 ? 'lv-stat-bad' : ''}>
              <th scope="row" title={STATISTIC_MEANINGS[stat]}>
                {STATISTIC_LABELS[stat]}
              </th>
              <td title={String(statistics[stat])}>
                {valueText(stat, statistics[stat], statistics.count)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
