import { type ReadonlySignal, signal } from '@preact/signals';
import type { Client } from '../api/client';
import type { NdArray } from '../api/npy';
import type { GiveWay } from './giveWay';
import { type Resource, resource } from './resource';
import { firstLookOf, type RunSize, statsInParts } from './statParts';

/** Points of a line that is some fifty pixels wide: the extremes of a pixel are among them. */
const COLUMNS = 216;
/** While somebody scrolls, rows pass that nobody looks at. */
const SETTLE_MS = 120;

interface Stamp {
  run: string;
  stamp: string;
}

interface Request extends Stamp {
  keys: readonly string[];
}

/**
 * The root mean square over the steps of the tensors that are in view, and of no others. Of a long
 * run lines of some steps come first.
 */
export class Sparklines {
  /** By key. Lines of an older state of the run stay until those of the newer are there. */
  readonly lines: ReadonlySignal<ReadonlyMap<string, Float64Array>>;
  readonly #wanted = signal<{ run: string; keys: readonly string[] }>({ run: '', keys: [] });
  readonly #resource: Resource<Request, void>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    client: Client,
    stamp: ReadonlySignal<Stamp | null>,
    sizeOf: () => RunSize,
    giveWay: GiveWay,
  ) {
    const lines = signal<ReadonlyMap<string, Float64Array>>(new Map());
    this.lines = lines;
    let of = '';
    let run = '';
    let loaded = new Set<string>();
    this.#resource = resource<Request, void>(
      () => {
        const at = stamp.value;
        const wanted = this.#wanted.value;
        if (at === null) return null;
        // What is in view may be another run already, or still.
        if (wanted.run !== at.run) return undefined;
        const now = `${at.run}\n${at.stamp}`;
        const missing = wanted.keys.filter(key => now !== of || !loaded.has(key));
        return missing.length === 0 ? undefined : { ...at, keys: missing };
      },
      async (request, aborted) => {
        const wanted = { run: request.run, stats: ['rms'] as const, maxColumns: COLUMNS };
        const named = { ...wanted, keys: request.keys };
        const show = ({ values, shape }: NdArray) => {
          const columns = shape[1] ?? 0;
          const next = new Map(request.run === run ? lines.peek() : []);
          request.keys.forEach((key, row) => {
            const own = values.subarray(row * columns, (row + 1) * columns);
            next.set(key, Float64Array.from(own, Number));
          });
          run = request.run;
          lines.value = next;
        };
        const size = sizeOf();
        const every = firstLookOf(size);
        const isNew = request.run !== run || request.keys.some(key => !lines.peek().has(key));
        if (every > 1 && isNew) show(await client.stats({ ...named, every }, aborted));
        show(await statsInParts(client, named, size, aborted, giveWay));
        const now = `${request.run}\n${request.stamp}`;
        if (now !== of) loaded = new Set();
        for (const key of request.keys) loaded.add(key);
        of = now;
      },
    );
  }

  /** Says which tensors of a run are in view. */
  want(run: string, keys: readonly string[]): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#wanted.value = { run, keys };
    }, SETTLE_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#resource.dispose();
  }
}
