import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Client } from '../api/client';
import type { NdArray } from '../api/npy';
import type { Statistic } from '../contract/messages';
import { causeOrder } from './causeOrder';
import { type Resource, resource } from './resource';
import { ALL_STATISTICS } from './statistics';
import { type Health, healthOf, StatTable } from './statTable';
import type { View } from './view';

/** What the tree and the step bar need; the other statistics are loaded when they are looked at. */
const OVERVIEW: readonly Statistic[] = ['rms', 'nan', 'pos_inf', 'neg_inf'];

/** Tables of long runs take their time: they are refreshed for at most a tenth of it. */
const PAUSE_PER_LOAD = 10;

interface TableRequest {
  run: string;
  stamp: string;
  statistics: readonly Statistic[];
}

async function loadTable(
  client: Client,
  { run, statistics }: TableRequest,
  signal: AbortSignal,
): Promise<StatTable> {
  const [axes, ...tables] = await Promise.all([
    client.statsAxes(run, signal),
    ...statistics.map(stat => client.stats(run, stat, signal)),
  ]);
  const named = statistics.flatMap((stat, i): [Statistic, NdArray][] => {
    const table = tables[i];
    return table ? [[stat, table]] : [];
  });
  return new StatTable(axes, new Map(named));
}

/** Statistics of the shown run over its steps. */
export class Summary {
  readonly overview: Resource<TableRequest, StatTable>;
  /** All statistics, loaded while `wantAll` says that somebody looks at them. */
  readonly all: Resource<TableRequest, StatTable>;
  readonly health: ReadonlySignal<Health | null>;
  /** What the tables are of; it follows the catalog at the pace at which tables can be loaded. */
  readonly stamp: ReadonlySignal<{ run: string; stamp: string } | null>;
  readonly #stop: () => void;

  constructor(view: View, wantAll: () => boolean) {
    const { client } = view;
    const stamp = signal<{ run: string; stamp: string } | null>(null);
    this.stamp = stamp;
    const request = (statistics: readonly Statistic[]): TableRequest | null =>
      stamp.value && { ...stamp.value, statistics };

    let startedAt = Number.NEGATIVE_INFINITY;
    let loadMs = 0;
    const timed = async (wanted: TableRequest, signal: AbortSignal): Promise<StatTable> => {
      startedAt = performance.now();
      const table = await loadTable(client, wanted, signal);
      loadMs = performance.now() - startedAt;
      return table;
    };
    this.overview = resource(() => request(OVERVIEW), timed);
    this.all = resource(() => (wantAll() ? request(ALL_STATISTICS) : null), timed);
    this.health = computed(() => {
      const answer = this.overview.answer.value;
      const catalog = view.shownCatalog.value;
      if (answer === null || catalog === null || answer.request.run !== view.run.value) return null;
      return healthOf(answer.value, causeOrder(catalog));
    });

    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = effect(() => {
      const catalog = view.shownCatalog.value;
      const run = view.run.value;
      clearTimeout(timer);
      if (catalog === null || run === null) return;
      const { generation, steps } = catalog;
      const next = { run, stamp: `${generation} ${steps.length} ${steps.at(-1)}` };
      const sameRun = stamp.peek()?.run === run;
      const pause = sameRun ? startedAt + loadMs * PAUSE_PER_LOAD - performance.now() : 0;
      timer = setTimeout(
        () => {
          stamp.value = next;
        },
        Math.max(0, pause),
      );
    });
    this.#stop = () => {
      stop();
      clearTimeout(timer);
    };
  }

  dispose(): void {
    this.#stop();
    this.overview.dispose();
    this.all.dispose();
  }
}
