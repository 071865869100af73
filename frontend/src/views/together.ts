import { effect, type ReadonlySignal } from '@preact/signals';

/** How long the page may stay as it was after a click: two frames of a display. */
const PATIENCE_MS = 33;

/** What a person does next must meet the page as it is. */
export const INPUTS = ['keydown', 'pointerdown', 'click', 'input', 'change', 'wheel'] as const;

/**
 * When to bring the page up to date: with the picture that was asked for, where that comes at once.
 * To draw what a click changes around it, and then all of it once more, keeps the browser from the
 * answer: of a gallery that was there after 7 ms and was looked at after 20.
 *
 * For `options.debounceRendering` of Preact: what is returned is given what updates the page.
 * `loading` says whether a picture was asked for and is still to come.
 */
export function withPicture(loading: ReadonlySignal<boolean>): (update: () => void) => void {
  let askedAt = Number.NEGATIVE_INFINITY;
  let held: (() => void) | null = null;
  effect(() => {
    if (loading.value) askedAt = performance.now();
  });
  for (const input of INPUTS) {
    document.addEventListener(input, () => held?.(), { capture: true, passive: true });
  }

  const hold = (patienceMs: number, update: () => void) => {
    const end = () => {
      if (held !== end) return;
      held = null;
      clearTimeout(timer);
      stop();
      update();
    };
    held = end;
    const timer = setTimeout(end, patienceMs);
    const stop = effect(() => {
      // A moment later, as others have yet to hear of it.
      if (!loading.value) queueMicrotask(end);
    });
  };
  return update => {
    // What changes may itself be why a picture is asked for: that is known once all have heard of it.
    queueMicrotask(() => {
      const left = askedAt + PATIENCE_MS - performance.now();
      if (loading.peek() && left > 0) hold(left, update);
      else update();
    });
  };
}
