import type { Elements } from '../api/npy';
import { formatValue, plainWording, type Wording } from '../scale/format';
import type { Plane } from './levels';
import { type Blocks, HAS_NAN, HAS_NEG_INF, HAS_POS_INF, type PictureArray } from './pictureData';

export const PLANE_LABELS: Readonly<Record<Plane, string>> = {
  mean: 'mean',
  min: 'min',
  max: 'max',
  max_abs: 'extreme',
  range: 'range',
};

const FLAG_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [HAS_NAN, 'NaN'],
  [HAS_POS_INF, '+Inf'],
  [HAS_NEG_INF, '-Inf'],
];

function flagWords(flags: number): string {
  const names = FLAG_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return names.join(', ');
}

/** Blocks in words: `mean 0.25`, `has NaN, +Inf; mean of the finite ones 0.25`. */
function blockWording({ finite, flags }: Blocks, plane: Plane): Wording {
  const label = PLANE_LABELS[plane];
  const written = (address: number) => {
    const value = finite[address] ?? Number.NaN;
    const names = flagWords(Number(flags[address] ?? 0));
    if (names === '') return formatValue(value, finite);
    if (Number.isNaN(value)) return `only ${names}`;
    return `has ${names}; ${label} of the finite ones ${formatValue(value, finite)}`;
  };
  const isFlagged = (address: number) => Number(flags[address] ?? 0) !== 0;
  return {
    written,
    told: address => (isFlagged(address) ? written(address) : `${label} ${written(address)}`),
  };
}

/** A complex element as Python writes it, but for NaN and the infinities: `0.5-2j`. */
function complexText(parts: Elements, address: number): string {
  const [real, imaginary] = [parts[2 * address] ?? 0, parts[2 * address + 1] ?? 0];
  const text = formatValue(imaginary, parts);
  return `${formatValue(real, parts)}${/^[+-]/.test(text) ? '' : '+'}${text}j`;
}

/** What the elements of a picture are called under the pointer and in the table of values. */
export function wordingOf({ values, parts, blocks }: PictureArray, plane: Plane): Wording {
  if (blocks !== undefined) return blockWording(blocks, plane);
  if (parts === undefined) return plainWording(values);
  const text = (address: number) => complexText(parts, address);
  return { told: text, written: text };
}
