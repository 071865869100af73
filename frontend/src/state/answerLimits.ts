/** What one answer of statistics may hold, and one request for them name. */

/** Numbers of an answer: 16 MB. */
export const MAX_NUMBERS = 2_000_000;
/** More keys than this make an address longer than a server reads. */
export const MOST_NAMED_KEYS = 200;
