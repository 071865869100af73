import { useLayoutEffect, useState } from 'preact/hooks';

/** Until the height is known. */
const FIRST_GUESS_PX = 600;

/** The inner height of an element, in CSS pixels, as it changes. */
export function usePaneHeight(element: { current: HTMLElement | null }): number {
  const [height, setHeight] = useState(FIRST_GUESS_PX);
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) return;
    const observer = new ResizeObserver(() => setHeight(target.clientHeight || FIRST_GUESS_PX));
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return height;
}
