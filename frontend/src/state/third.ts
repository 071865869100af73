import { OPERATIONS, type Operation } from '../scale/compare';
import { memberOf } from './member';

/** What is made of two arrays, and how its colours reach. */
export interface Third {
  readonly operation: Operation;
  /** The colours go from minus this to this; null where what is shown says how far. */
  readonly limit: number | null;
}

export const DEFAULT_THIRD: Third = { operation: 'difference', limit: null };

/** `ratio`, `difference~0.5`. */
export function thirdText({ operation, limit }: Third): string {
  return limit === null ? operation : `${operation}~${limit}`;
}

export function parseThird(text: string): Third | undefined {
  const [name, limitText = ''] = text.split('~');
  const operation = memberOf(OPERATIONS, name);
  if (operation === undefined) return undefined;
  const limit = Number(limitText);
  return { operation, limit: Number.isFinite(limit) && limit > 0 ? limit : null };
}
