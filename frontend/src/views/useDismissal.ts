import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** Closes what is open above the page when one presses beside it, or the focus goes elsewhere. */
export function useDismissal(box: RefObject<HTMLElement | null>, close: () => void): void {
  useEffect(() => {
    const onElsewhere = ({ target }: Event) => {
      if (target instanceof Node && box.current?.contains(target) === false) close();
    };
    window.addEventListener('pointerdown', onElsewhere);
    window.addEventListener('focusin', onElsewhere);
    return () => {
      window.removeEventListener('pointerdown', onElsewhere);
      window.removeEventListener('focusin', onElsewhere);
    };
  }, [box, close]);
}
