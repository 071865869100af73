import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { GiveWay } from './giveWay';
import { type Health, type HealthSoFar, healthAfter } from './health';
import { type Resource, resource } from './resource';
import { Sparklines } from './sparklines';
import type { View } from './view';

/** Long runs take their time to be read: they are looked through for at most a tenth of it. */
const PAUSE_PER_LOAD = 10;

interface Stamp {
  run: string;
  stamp: string;
}

interface ShownRequest extends Stamp {
  key: string;
}

const NO_STEPS: ReadonlySet<number> = new Set();

/** What the layer tree and the step bar tell of the shown run: only what is in view is loaded. */
export class Summary {
  readonly health: ReadonlySignal<Health | null>;
  /** The steps at which the shown tensor had a NaN or an infinity. */
  readonly badStepsHere: ReadonlySignal<ReadonlySet<number>>;
  readonly sparklines: Sparklines;
  /** What of the run is told; it follows the catalog at the pace at which that can be read. */
  readonly stamp: ReadonlySignal<Stamp | null>;
  readonly #all: Resource<Stamp, HealthSoFar>;
  readonly #shown: Resource<ShownRequest, ReadonlySet<number>>;
  readonly #stop: () => void;

  constructor(view: View, giveWay: GiveWay) {
    const { client } = view;
    const stamp = signal<Stamp | null>(null);
    this.stamp = stamp;
    const sizeOf = () => {
      const { steps, tensors } = view.shownCatalog.peek() ?? { steps: [], tensors: [] };
      return { steps, tensors: tensors.length };
    };
    this.sparklines = new Sparklines(client, stamp, sizeOf, giveWay);

    let startedAt = Number.NEGATIVE_INFINITY;
    let loadMs = 0;
    this.#all = resource(
      () => stamp.value,
      async ({ run }, aborted) => {
        const catalog = view.shownCatalog.peek();
        if (catalog === null) throw new Error(`the catalog of ${run} is gone`);
        startedAt = performance.now();
        const before = this.#all.answer.peek()?.value ?? null;
        const found = await healthAfter(client, before, run, catalog, aborted);
        loadMs = performance.now() - startedAt;
        return found;
      },
    );
    this.health = computed(() => {
      const answer = this.#all.answer.value;
      return answer?.request.run === view.run.value ? (answer?.value.health ?? null) : null;
    });
    this.#shown = resource(
      () => {
        const [at, key] = [stamp.value, view.tensor.value?.key];
        const isBad = key !== undefined && this.health.value?.badKeys.has(key) === true;
        return at !== null && isBad ? { ...at, key } : null;
      },
      async ({ run, key }, aborted) => {
        const steps = view.shownCatalog.peek()?.steps ?? [];
        const counts = await client.stats({ run, stats: ['broken'], keys: [key] }, aborted);
        return new Set(steps.filter((_, i) => Number(counts.values[i] ?? 0) > 0));
      },
    );
    this.badStepsHere = computed(() => {
      const answer = this.#shown.answer.value;
      const isIt =
        answer?.request.key === view.tensor.value?.key && answer?.request.run === view.run.value;
      return isIt ? (answer?.value ?? NO_STEPS) : NO_STEPS;
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
    this.#all.dispose();
    this.#shown.dispose();
    this.sparklines.dispose();
  }
}
