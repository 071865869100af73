import { effect, type ReadonlySignal } from '@preact/signals';
import { rehearseGallery } from '../picture';
import { INPUTS } from './together';

/** As often Chromium gets faster by it: the code of a click on a gallery took 17 ms, and then 10. */
const TIMES = 10;
/** Another picture, and what is done with it, makes a browser think anew of code that all share. */
const TIMES_AGAIN = 3;
/** A picture is painted by then, and all that comes with it. */
const REST_MS = 200;
/** A page that moves has less time than this from one frame to the next, and needs it. */
const ROOM_MS = 20;
const LISTENING = { capture: true, passive: true };

interface Pictures {
  readonly loading: ReadonlySignal<boolean>;
  readonly answer: ReadonlySignal<object | null>;
}

/**
 * Draws galleries out of sight in moments in which the page has nothing to do, so that the next
 * one that is asked for comes as soon as later ones do. It begins once a first picture is shown,
 * pauses while another is under way, anything moves or a person acts, and draws a few more after
 * each picture. Returns what stops it.
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
  const rest = () => {
    pause();
    if (left > 0 && !loading.peek()) timer = setTimeout(ask, REST_MS);
  };
  const inputs = [...INPUTS, 'pointermove'];
  // Who drags or types is not to wait for it, either.
  for (const input of inputs) document.addEventListener(input, rest, LISTENING);
  const stop = effect(() => {
    pause();
    if (answer.value === null || loading.value) return;
    if (answer.value !== shown) left = Math.max(left, shown === null ? TIMES : TIMES_AGAIN);
    shown = answer.value;
    rest();
  });
  return () => {
    stop();
    for (const input of inputs) document.removeEventListener(input, rest, LISTENING);
    pause();
  };
}
