/** The filter box above the layer tree: plain text or a glob. */

export type Matches = (candidate: string) => boolean;

/** `conv2[0]` and `model.conv2.0` are the same place: compare them in one spelling. */
function canonical(text: string): string {
  return text
    .trim()
    .replace(/\[(\d+)\]/g, '.$1')
    .replace(/^model\./, '')
    .toLowerCase();
}

const SPECIAL = /[.+^${}()|\\[\]]/g;

/**
 * Which names a filter lets through; null where it is empty and lets all through. Text matches
 * anywhere in a name; with `*` or `?` it is a glob over the whole name. Case does not matter.
 */
export function nameFilter(text: string): Matches | null {
  const wanted = canonical(text);
  if (wanted === '') return null;
  if (!/[*?]/.test(wanted)) return candidate => canonical(candidate).includes(wanted);
  const source = wanted.replace(SPECIAL, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  const pattern = new RegExp(`^${source}$`, 's');
  return candidate => pattern.test(canonical(candidate));
}
