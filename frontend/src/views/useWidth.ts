import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Until the width is known. */
const FIRST_GUESS_PX = 480;

/** An element, and its inner width in CSS pixels, as it changes. */
export function useWidth(): [RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(FIRST_GUESS_PX);
  useLayoutEffect(() => {
    const target = box.current;
    if (target === null) return;
    const observer = new ResizeObserver(() => setWidth(target.clientWidth || FIRST_GUESS_PX));
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  return [box, width];
}
