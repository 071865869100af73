import { type ReadonlySignal, signal } from '@preact/signals';
import { type GiveWay, givingWay } from './giveWay';
import { browserMemory, type Memory } from './memory';

/** The page of TensorBoard around the plugin's frame. */
export interface Page {
  hash(): string;
  /** The whole address, to be given to others. */
  address(): string;
  /** Puts a hash in the address; `push` makes it a place to which the browser's back button returns. */
  setHash(hash: string, push: boolean): void;
  /** Calls `listener` when the user goes to another address; returns what stops that. */
  onHashChange(listener: () => void): () => void;
  readonly dark: ReadonlySignal<boolean>;
  readonly memory: Memory;
  /** False while another tab of TensorBoard or of the browser hides the plugin. */
  isVisible(): boolean;
  /**
   * Resolves once what the page shows by now was painted and there is a moment to spare; of what
   * nobody sees, when it is seen.
   */
  painted(): Promise<void>;
  /** What is not urgent waits for this before it asks for more. */
  readonly giveWay: GiveWay;
}

/** The outer window where it may be read: TensorBoard's frame has the origin of its page. */
function outerWindow(): Window {
  try {
    // Reading it throws where the page around us is of another origin.
    return window.parent.location.href === '' ? window : window.parent;
  } catch {
    return window;
  }
}

const DARK_CLASS = 'dark-mode';

/** A page that is busy all the time has no moment to spare: then it is this late. */
const PATIENCE_MS = 100;

/** Calls back when nothing else is to be done; at once where the browser does not tell. */
function spare(then: () => void): void {
  if (typeof requestIdleCallback === 'function')
    requestIdleCallback(then, { timeout: PATIENCE_MS });
  else then();
}

/** The page that this frame is in; the frame itself where that is out of reach. */
export function surroundingPage(): Page {
  const outer = outerWindow();
  const dark = signal(false);
  // Keys reach a frame only once it has the focus; it is taken where nothing else wants it.
  if (outer.document.activeElement === outer.document.body) window.focus();
  const readTheme = () => {
    dark.value = outer.document.body.classList.contains(DARK_CLASS);
  };
  readTheme();
  new MutationObserver(readTheme).observe(outer.document.body, {
    attributes: true,
    attributeFilter: ['class'],
  });
  return {
    dark,
    memory: browserMemory(),
    hash: () => outer.location.hash,
    address: () => outer.location.href,
    setHash: (hash, push) => {
      if (hash === outer.location.hash) return;
      // TensorBoard keeps a state of its own in the entry: it is carried along.
      if (push) outer.history.pushState(outer.history.state, '', hash);
      else outer.history.replaceState(outer.history.state, '', hash);
    },
    onHashChange: listener => {
      outer.addEventListener('hashchange', listener);
      return () => outer.removeEventListener('hashchange', listener);
    },
    isVisible: () => !document.hidden && document.documentElement.clientWidth > 0,
    giveWay: givingWay(document),
    painted: () =>
      new Promise(resolve => requestAnimationFrame(() => setTimeout(() => spare(resolve)))),
  };
}
