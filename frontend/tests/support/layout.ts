import { vi } from 'vitest';

/** The size that every element has, in CSS pixels: a DOM without a browser lays nothing out. */
const WIDTH = 900;
const HEIGHT = 600;

/** Gives elements a size, and observers that report once what they are told to observe. */
export function giveElementsSize(): void {
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(WIDTH);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(HEIGHT);
  class Observer {
    readonly observe = () => undefined;
    readonly unobserve = () => undefined;
    readonly disconnect = () => undefined;
  }
  vi.stubGlobal('ResizeObserver', Observer);
  vi.stubGlobal('IntersectionObserver', Observer);
}
