import { effect } from '@preact/signals';
import type { Resource } from './resource';

const SHORTEST_PAUSE_MS = 1000;
/** The server is asked for at most one part in so many of the time. */
const PAUSE_PER_ANSWER = 10;
/** What is waited for makes way for this once: most of it is there by then. */
const MAKE_WAY_MS = 100;

/**
 * Asks a resource again and again: a second after each answer, later where answers are slow, and
 * not at all while nobody looks. While something `isAwaited` it comes a moment later. Returns what
 * stops it.
 */
export function poll(
  target: Pick<Resource<unknown, unknown>, 'loading' | 'reload'>,
  isVisible: () => boolean,
  isAwaited: () => boolean = () => false,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let askedAt = performance.now();
  let madeWay = false;

  function schedule(pause: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!isVisible()) {
        schedule(SHORTEST_PAUSE_MS);
        return;
      }
      madeWay = !madeWay && isAwaited();
      if (madeWay) {
        schedule(MAKE_WAY_MS);
        return;
      }
      askedAt = performance.now();
      target.reload();
    }, pause);
  }

  const stop = effect(() => {
    if (target.loading.value) return;
    schedule(Math.max(SHORTEST_PAUSE_MS, (performance.now() - askedAt) * PAUSE_PER_ANSWER));
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
