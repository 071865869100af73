import { placeText } from '../scale/format';
import type { Axis, Hover } from './types';

/** A hovered element in words: where it is, and what it is. */
export interface Readout extends Hover {
  readonly where: string;
}

/** The number of a row or a column, as its axis counts: `3`, or `24-31` of a block. */
export function indexText(axis: Axis, index: number): string {
  if (axis.names !== undefined) return axis.names[index] ?? '';
  const block = axis.block ?? 1;
  const first = (axis.first ?? 0) + index * block;
  const end = Math.min(first + block, axis.extent ?? Number.POSITIVE_INFINITY);
  return end - first > 1 ? `${first}-${end - 1}` : String(first);
}

/** One index in words: "Row 3", "Row 24-31". */
export function indexName(axis: Axis, index: number): string {
  return placeText(axis.title, indexText(axis, index));
}

/** The number of the first row or column, counted in rows or columns: in blocks where they are. */
export function firstUnit(axis: Axis): number {
  return (axis.first ?? 0) / (axis.block ?? 1);
}

export function readoutOf(
  index: readonly number[],
  names: readonly string[],
  value: number | bigint,
  valueText: string,
): Readout {
  // What is drawn as one line has an axis without a name.
  const where = names.filter(name => name.trim() !== '').join(', ');
  return { index, value, where, valueText, text: `${where}: ${valueText}` };
}
