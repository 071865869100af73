import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, vi } from 'vitest';
import { Client } from '../../src/api/client';
import { App } from '../../src/state/app';
import type { Memory } from '../../src/state/memory';
import { AppContext } from '../../src/views/appContext';
import { Page } from '../../src/views/Page';
import { fakePage } from './fakePage';
import { fakeServer, type Recorded } from './fakeServer';
import { giveElementsSize } from './layout';
import { until } from './until';

const BASE = 'http://tensorboard.test/data/plugin/layerview/';

/** Elements that have a role without being told. */
const ELEMENTS: Readonly<Record<string, string>> = { row: 'tr' };

export let root: HTMLElement;
let app: App | null = null;

beforeEach(() => {
  giveElementsSize();
  root = document.createElement('div');
  document.body.append(root);
});

function close(): void {
  act(() => render(null, root));
  app?.dispose();
  app = null;
}

afterEach(() => {
  close();
  root.remove();
  vi.unstubAllGlobals();
});

/** The whole page over a server that recorded this; it is gone when the test ends, or is closed. */
export function open(
  recorded: Recorded,
  hash = '#layerview',
  request = fakeServer(recorded).fetch,
  memory?: Memory,
) {
  const around = fakePage(hash, memory);
  const opened = new App(new Client(BASE, request), around.page);
  app = opened;
  act(() =>
    render(
      <AppContext.Provider value={opened}>
        <Page />
      </AppContext.Provider>,
      root,
    ),
  );
  return { app: opened, ...around, close };
}

export const text = () => root.textContent ?? '';
export const seen = (words: string) => until(() => text().includes(words), `to read '${words}'`);

export function byRole(role: string, name: string): HTMLElement {
  const found = [
    ...root.querySelectorAll<HTMLElement>(`[role=${role}], ${ELEMENTS[role] ?? role}`),
  ].find(
    element => element.getAttribute('aria-label') === name || element.textContent?.trim() === name,
  );
  if (!found) throw new Error(`expected a ${role} named '${name}'`);
  return found;
}

export function press(key: string, target: EventTarget = document.body): void {
  act(() => {
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  });
}
