import type { Client } from '../api/client';
import { combined, type Operation } from '../scale/compare';
import { formatShort, plainWording, type Wording } from '../scale/format';
import type { Matrix, Values } from '../scale/types';
import type { Figure } from './figure';
import type { Plane } from './levels';
import { tilesOf } from './tiles';

type Source = NonNullable<ReturnType<typeof tilesOf>>;
type Tile = Source['overview'];

/** Digits of what two blocks make: it is no number that was recorded. */
const DIGITS = 6;

export const OPERATION_LABELS: Readonly<Record<Operation, string>> = {
  difference: 'A - B',
  ratio: 'A / B',
  relative: '(A - B) / max(|A|, |B|)',
};

const PLANE_NAMES: Readonly<Record<Plane, string>> = {
  mean: 'means',
  min: 'least elements',
  max: 'greatest elements',
  max_abs: 'extremes',
  range: 'ranges',
};

/** What a cell of the third picture is, of blocks of so many elements a side; null of elements. */
export function combinedWords(operation: Operation, plane: Plane, block: number): string | null {
  if (block === 1) return null;
  const cells = `${OPERATION_LABELS[operation]} of the ${PLANE_NAMES[plane]} of ${block} x ${block} elements`;
  if (plane !== 'mean' || operation !== 'difference') {
    return `${cells}, not the ${PLANE_NAMES[plane]} of ${OPERATION_LABELS[operation]}`;
  }
  // Where all is finite, the difference of two means is the mean of the differences.
  return `${cells}: what is opposite within a block cancels out`;
}

function wordingOf(values: Values, isBlocks: boolean): Wording {
  if (!isBlocks) return plainWording(values);
  const text = (address: number) =>
    `${formatShort(values[address] ?? Number.NaN, DIGITS)} (blocks)`;
  return { told: text, written: text };
}

/** What two tiles of the same cells make. */
function combinedTile(a: Tile, b: Tile, operation: Operation, level: number): Tile {
  const values = combined(a.matrix.values, b.matrix.values, operation);
  const matrix: Matrix = { ...a.matrix, values };
  return { matrix, wording: wordingOf(values, level > 0) };
}

/**
 * The tiles of two figures of one shape and of what they make. All three go down to the same level:
 * the finest that both have. Null where one of them is not drawn in tiles.
 */
export function tilesOfBoth(
  client: Client,
  [a, b]: readonly [Figure, Figure],
  operation: Operation,
): readonly [a: Source, b: Source, made: Source] | null {
  const [ofA, ofB] = [tilesOf(client, a), tilesOf(client, b)];
  if (ofA === null || ofB === null || ofA.overviewLevel !== ofB.overviewLevel) return null;
  const finest = Math.max(ofA.finest, ofB.finest);
  const made: Source = {
    ...ofA,
    finest,
    overview: combinedTile(ofA.overview, ofB.overview, operation, ofA.overviewLevel),
    load: async (level, rect, signal) => {
      const tiles = await Promise.all([
        ofA.load(level, rect, signal),
        ofB.load(level, rect, signal),
      ]);
      return combinedTile(tiles[0], tiles[1], operation, level);
    },
  };
  return [{ ...ofA, finest }, { ...ofB, finest }, made];
}
