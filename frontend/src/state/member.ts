/** The one of some names that a text is; undefined where it is none. */
export function memberOf<T extends string>(
  names: readonly T[],
  text: string | undefined,
): T | undefined {
  return names.find(name => name === text);
}
