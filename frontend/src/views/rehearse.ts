import { effect, type ReadonlySignal } from '@preact/signals';
import { rehearseGallery } from '../picture';

/** As often Chromium gets faster by it: the code of a click on a gallery took 17 ms, and then 10. */
const TIMES = 10;
/** Another picture, and what is done with it, makes a browser think anew of code that all share. */
const TIMES_AGAIN = 3;
/** A picture is painted by then, and all that comes with it. */
const REST_MS = 200;
/** A page that moves has less time than this from one frame to the next, and needs it. */
const ROOM_MS = 20;

interface Pictures {
  readonly loading: ReadonlySignal<boolean>;
  readonly answer: ReadonlySignal<object | null>;
}

/**
 * Draws galleries out of sight in moments in which the page has nothing to do, so that the next
 * one that is asked for comes as soon as later ones do. It begins once a first picture is shown,
 * pauses while another is under way or anything moves, and draws a few more once that is there.
 * Returns what stops it.
 */
export function rehearse(
  { loading, answer }: Pictures,
  draw: () => void = rehearseGallery,
): () => void {
  // A browser that does not tell when it is idle does without: a guess might come in between.
  if (typeof requestIdleCallback !== 'function') return () => undefined;
  let shown: object | null = null;
  let left = 0;
  let idle = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = () => {
    idle = requestIdleCallback(deadline => {
      if (deadline.timeRemaining() < ROOM_MS) {
        timer = setTimeout(ask, REST_MS);
        return;
      }
      left -= 1;
      draw();
      if (left > 0) ask();
    });
  };
  const pause = () => {
    clearTimeout(timer);
    cancelIdleCallback(idle);
  };
  const stop = effect(() => {
    pause();
    if (answer.value === null || loading.value) return;
    if (answer.value !== shown) left = Math.max(left, shown === null ? TIMES : TIMES_AGAIN);
    shown = answer.value;
    if (left > 0) timer = setTimeout(ask, REST_MS);
  });
  return () => {
    stop();
    pause();
  };
}
