import { useLayoutEffect, useState } from 'preact/hooks';

/** What an element has inside, in CSS pixels. */
export interface PaneRoom {
  readonly height: number;
  /** Without its padding and its scroll bar; 0 until it is known. */
  readonly width: number;
}

/** Until the height is known. */
const FIRST_GUESS_PX = 600;

/** The room inside an element, as it changes. */
export function usePaneRoom(element: { current: HTMLElement | null }): PaneRoom {
  const [room, setRoom] = useState<PaneRoom>({ height: FIRST_GUESS_PX, width: 0 });
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) return;
    const observer = new ResizeObserver(entries => {
      const width = entries.at(-1)?.contentRect.width ?? 0;
      const height = target.clientHeight || FIRST_GUESS_PX;
      setRoom(before =>
        before.height === height && before.width === width ? before : { height, width },
      );
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return room;
}

/** The inner height of an element, in CSS pixels, as it changes. */
export function usePaneHeight(element: { current: HTMLElement | null }): number {
  return usePaneRoom(element).height;
}
