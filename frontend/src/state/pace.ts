import { effect, type ReadonlySignal, signal } from '@preact/signals';

/** What takes its time is loaded again for at most a tenth of it. */
const PAUSE_PER_LOAD = 10;

/** A text that follows another one at the pace at which what it stands for can be loaded. */
export interface Paced {
  readonly text: ReadonlySignal<string>;
  /** Measures what a load takes. */
  timed<Value>(load: () => Promise<Value>): Promise<Value>;
  stop(): void;
}

export function paced(source: () => string): Paced {
  const text = signal('');
  let startedAt = Number.NEGATIVE_INFINITY;
  let loadMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    const next = source();
    clearTimeout(timer);
    const pause = startedAt + loadMs * PAUSE_PER_LOAD - performance.now();
    timer = setTimeout(
      () => {
        text.value = next;
      },
      text.peek() === '' ? 0 : Math.max(0, pause),
    );
  });
  return {
    text,
    timed: async load => {
      startedAt = performance.now();
      try {
        return await load();
      } finally {
        loadMs = performance.now() - startedAt;
      }
    },
    stop: () => {
      stop();
      clearTimeout(timer);
    },
  };
}
