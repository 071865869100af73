/** Browsers stop at lengths somewhat above this, in CSS pixels; longer lists are compressed. */
const MAX_SCROLL_LENGTH = 8_000_000;

/** Which items of a long list are in view. */
export interface Window {
  /** The length of what is scrolled, in CSS pixels. */
  readonly length: number;
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

/**
 * The items of a list that are in view, the first of them whole, where each takes `size` CSS pixels, of a viewport of
 * `viewport` that is scrolled to `scroll`. A list that is too long for the browser is compressed:
 * its scroll bar moves it faster, and items keep their size.
 */
export function windowOf(count: number, size: number, viewport: number, scroll: number): Window {
  const full = count * size;
  const length = Math.min(full, MAX_SCROLL_LENGTH);
  const scrollable = Math.max(1, length - viewport);
  const place = full === length ? scroll : (scroll / scrollable) * (full - viewport);
  const whole = Math.max(1, Math.floor(viewport / size));
  const first = Math.min(Math.max(0, count - whole), Math.max(0, Math.round(place / size)));
  return { length, first, end: Math.min(count, first + whole + 1) };
}
