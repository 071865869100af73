import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { FORGETFUL, type Memory, rememberedSideWidth, rememberSideWidth } from './memory';

/** The narrowest in which names can still be told apart, in CSS pixels. */
const NARROWEST_PX = 220;
/** What the picture and its tools need beside it. */
const BESIDE_PX = 640;
/** A narrower page is scrolled sideways; `layout.css` has it, too. */
const PAGE_PX = 980;

/** While nobody has chosen a width: a share of the window, within bounds. */
const DEFAULT = { shareOfWindow: 0.23, leastPx: 290, mostPx: 400 } as const;

/** Between which widths one may choose, in CSS pixels. */
export interface Limits {
  readonly narrowest: number;
  readonly widest: number;
}

function between(least: number, px: number, most: number): number {
  return Math.round(Math.max(least, Math.min(px, most)));
}

/**
 * How wide the column of layers is. That belongs to the screen and not to what is looked at: it is
 * remembered in the browser, and no link carries it.
 */
export class SideWidth {
  /** Null for the default. It may be wider than a small window has room for. */
  readonly #chosen = signal<number | null>(null);
  readonly #window = signal(0);

  readonly limits: ReadonlySignal<Limits> = computed(() => ({
    narrowest: NARROWEST_PX,
    widest: Math.max(PAGE_PX, this.#window.value) - BESIDE_PX,
  }));

  /** In CSS pixels. */
  readonly px: ReadonlySignal<number> = computed(() => {
    const { narrowest, widest } = this.limits.value;
    const { shareOfWindow, leastPx, mostPx } = DEFAULT;
    return this.#chosen.value === null
      ? between(leastPx, this.#window.value * shareOfWindow, mostPx)
      : between(narrowest, this.#chosen.value, widest);
  });

  constructor(private readonly memory: Memory = FORGETFUL) {
    this.#chosen.value = rememberedSideWidth(memory);
  }

  /** Another width of the window, in CSS pixels; what was chosen comes back once there is room. */
  fit(windowPx: number): void {
    // A frame that is hidden has no width.
    if (windowPx > 0) this.#window.value = windowPx;
  }

  /** For as long as the page is open; beyond the limits, it is the nearest of them. */
  choose(px: number): void {
    const { narrowest, widest } = this.limits.peek();
    this.#chosen.value = between(narrowest, px, widest);
  }

  /** Back to the default. */
  reset(): void {
    this.#chosen.value = null;
  }

  /** Keeps what is chosen for the next visit. */
  remember(): void {
    rememberSideWidth(this.memory, this.#chosen.peek());
  }
}
