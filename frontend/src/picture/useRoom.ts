import { createContext, type RefObject } from 'preact';
import { useContext, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface Room {
  /** The width that the element has, in CSS pixels; 0 until it is laid out. */
  readonly width: number;
  /** Its height, where it was asked for: of elements that do not grow with what is in them. */
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly dpr: number;
}

/**
 * The width, in CSS pixels, that pictures have where they are: to ask for it lays the page out, and
 * then again with what was drawn by the answer. 0 where it is not known.
 */
export const KnownWidth = createContext(0);

/**
 * The room that an element has been given, kept up to date as it and the screen change. What grows
 * with its content does not ask for its height, which would be news with each picture.
 */
export function useRoom<T extends HTMLElement>(hasHeight = false): [RefObject<T | null>, Room] {
  const ref = useRef<T>(null);
  const known = useContext(KnownWidth);
  const [size, setSize] = useState({ width: known, height: 0 });
  const [dpr, setDpr] = useState(() => window.devicePixelRatio || 1);

  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const measure = () => {
      const width = element.clientWidth;
      const height = hasHeight ? element.clientHeight : 0;
      setSize(before =>
        before.width === width && before.height === height ? before : { width, height },
      );
    };
    // An observer tells the size before the first frame, too: what was known is put right there.
    if (known === 0) measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [known, hasHeight]);

  useEffect(() => {
    // Fires when the window moves to a screen of another density, or the page is zoomed.
    const query = window.matchMedia(`(resolution: ${dpr}dppx)`);
    const update = () => setDpr(window.devicePixelRatio || 1);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, [dpr]);

  return [ref, { ...size, dpr }];
}
