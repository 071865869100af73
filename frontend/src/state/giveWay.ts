/** A display shows a frame every 17 ms: where the next one takes this long, some were left out. */
const LATE_MS = 25;
/** Who has not scrolled for so long has come to rest. */
const REST_MS = 300;

/** Resolves at once where nobody is in the way, else once they came to rest. */
export type GiveWay = () => Promise<void>;

/**
 * Waits while somebody scrolls in `page` and frames of it are left out. A server on the same machine
 * takes the processors on which a browser draws: of what it reads meanwhile little would be seen.
 * Where frames keep coming in time nothing waits.
 */
export function givingWay(page: EventTarget): GiveWay {
  let movedAt = Number.NEGATIVE_INFINITY;
  let isLate = false;
  const onScroll = () => {
    // Of a scroll that goes on there is one event a frame.
    const now = performance.now();
    const took = now - movedAt;
    isLate = took < REST_MS && (isLate || took > LATE_MS);
    movedAt = now;
  };
  page.addEventListener('scroll', onScroll, { capture: true, passive: true });
  return async () => {
    while (isLate) {
      const left = movedAt + REST_MS - performance.now();
      if (left <= 0) return;
      await new Promise(resolve => setTimeout(resolve, left));
    }
  };
}
