/** What is kept in the browser from one visit to the next. */
export interface Memory {
  /** Null where nothing is remembered by this name. */
  recall(name: string): string | null;
  remember(name: string, text: string): void;
}

/** Remembers nothing. */
export const FORGETFUL: Memory = { recall: () => null, remember: () => undefined };

/** The browser's own store; where it is closed to the page, nothing is remembered. */
export function browserMemory(): Memory {
  try {
    const store = window.localStorage;
    return {
      recall: name => store.getItem(name),
      remember: (name, text) => {
        try {
          store.setItem(name, text);
        } catch {
          // It is full: the link still has what was to be remembered.
        }
      },
    };
  } catch {
    return FORGETFUL;
  }
}

const PINS = 'tb_layerview.pinned';

/** The keys that were pinned last; those of another log are simply not found in this one. */
export function rememberedPins(memory: Memory): readonly string[] {
  try {
    const found: unknown = JSON.parse(memory.recall(PINS) ?? '[]');
    return Array.isArray(found) ? found.filter(key => typeof key === 'string') : [];
  } catch {
    return []; // Something else wrote there.
  }
}

export function rememberPins(memory: Memory, keys: readonly string[]): void {
  memory.remember(PINS, JSON.stringify(keys));
}

const SIDE_WIDTH = 'tb_layerview.sideWidth';

/** The width that was chosen last for the column of layers, in CSS pixels; null for the default. */
export function rememberedSideWidth(memory: Memory): number | null {
  const px = Number.parseInt(memory.recall(SIDE_WIDTH) ?? '', 10);
  return px > 0 ? px : null;
}

export function rememberSideWidth(memory: Memory, px: number | null): void {
  memory.remember(SIDE_WIDTH, px === null ? '' : String(px));
}
