import { effect } from '@preact/signals';
import { formatAddress, parseAddress } from './address';
import type { Page } from './page';
import type { Selection } from './selection';
import type { View } from './view';

/** Browsers refuse more than about a hundred changes of the address in half a minute. */
const SETTLE_MS = 300;

/**
 * Keeps the page's address and the selection the same: restores the view that a link names, and
 * writes the view that is shown. Returns what stops it.
 */
export function linkToAddress(page: Page, selection: Selection, view: View): () => void {
  /** Our entries as they were last restored or written. */
  let known = '';
  const restore = () => {
    const address = parseAddress(page.hash());
    known = JSON.stringify(address);
    // A hash without a word of ours is TensorBoard's own navigation, not a wish for the defaults.
    if (Object.keys(address).length > 0) selection.restore(address);
  };
  restore();
  const stopListening = page.onHashChange(restore);

  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopWriting = effect(() => {
    const address = selection.address(view.run.value, view.tensor.value?.key ?? null);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const hash = page.hash();
      const before = parseAddress(hash);
      if (Object.keys(before).length > 0 && JSON.stringify(before) !== known) {
        // A link was followed, and its event is still to come: it must not be written over.
        restore();
        return;
      }
      const elsewhere =
        before.key !== undefined && (before.key !== address.key || before.run !== address.run);
      page.setHash(formatAddress(hash, address), elsewhere);
      known = JSON.stringify(parseAddress(page.hash()));
    }, SETTLE_MS);
  });
  return () => {
    stopListening();
    stopWriting();
    clearTimeout(timer);
  };
}
