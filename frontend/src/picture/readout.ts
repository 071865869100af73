import { formatValue } from '../scale/format';
import type { Values } from '../scale/types';
import type { Axis, Hover } from './types';

/** A hovered element in words: where it is, and its exact value. */
export interface Readout extends Hover {
  readonly where: string;
  readonly valueText: string;
}

/** One index in words, as the axis counts: "Row 3". */
export function indexName(axis: Axis, index: number): string {
  return `${axis.title} ${(axis.first ?? 0) + index}`;
}

export function readoutOf(
  index: readonly number[],
  names: readonly string[],
  value: number | bigint,
  values: Values,
): Readout {
  const where = names.join(', ');
  const valueText = formatValue(value, values);
  return { index, value, where, valueText, text: `${where}: ${valueText}` };
}
