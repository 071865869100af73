/** `0,6,3,4`, of an index of one element; null of one that selects several. */
export function elementIndex(index: string): string | null {
  const plain = index.replaceAll(' ', '');
  return /^\d+(,\d+)*$/.test(plain) ? plain : null;
}
