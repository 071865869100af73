import { type ComponentChild, render } from 'preact';
import { act } from 'preact/test-utils';

/** The width that every element is taken to have: happy-dom lays nothing out. */
export const PAGE_WIDTH = 1000;

/** Shows a component in a page of `PAGE_WIDTH`, and returns the element that it is in. */
export async function show(component: ComponentChild): Promise<HTMLElement> {
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', {
    configurable: true,
    get: () => PAGE_WIDTH,
  });
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', {
    configurable: true,
    get: () => 300,
  });
  document.body.replaceChildren();
  const root = document.createElement('div');
  document.body.append(root);
  await act(() => render(component, root));
  return root;
}

/** The only element that a selector finds. */
export function only<T extends Element = HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelectorAll<T>(selector);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(`expected one ${selector}, received ${found.length}`);
  }
  return first;
}

/** Sends an event and lets the component answer it. */
export async function send(target: EventTarget, event: Event): Promise<void> {
  await act(() => {
    target.dispatchEvent(event);
  });
}

export function key(name: string, more: KeyboardEventInit = {}): KeyboardEvent {
  return new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...more });
}

export function pointer(type: string, x: number, y: number): PointerEvent {
  return new PointerEvent(type, { clientX: x, clientY: y, pointerId: 1, bubbles: true });
}
