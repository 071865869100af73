import { signal } from '@preact/signals';
import { FORGETFUL, type Memory } from '../../src/state/memory';
import type { Page } from '../../src/state/page';

/** TensorBoard's page, as far as the plugin knows it. */
export function fakePage(hash = '#layerview', memory: Memory = FORGETFUL) {
  const history = [hash];
  const listeners = new Set<() => void>();
  const dark = signal(false);
  const page: Page = {
    dark,
    memory,
    hash: () => history.at(-1) ?? '',
    address: () => `http://tensorboard.test/${history.at(-1) ?? ''}`,
    setHash: (next, push) => {
      if (push) history.push(next);
      else history[history.length - 1] = next;
    },
    onHashChange: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    isVisible: () => true,
    giveWay: async () => undefined,
    painted: () => Promise.resolve(),
  };
  /** The user goes elsewhere: the back button, or a pasted link. */
  const goTo = (next: string) => {
    history.push(next);
    for (const listener of listeners) listener();
  };
  const back = () => {
    history.pop();
    for (const listener of listeners) listener();
  };
  return { page, history, dark, goTo, back, listeners };
}
