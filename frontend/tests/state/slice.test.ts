import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Part, parseSlice, partText } from '../../src/state/slice';

/** What NumPy selects: see tests/fixtures/numpy_slices.py. Elements are numbered in C order. */
interface Row {
  shape: number[];
  slice: string;
  refused?: boolean;
  kept?: number[];
  elements?: number[];
}

const TABLE = new URL('../fixtures/numpySlices.json', import.meta.url);
const ROWS = JSON.parse(readFileSync(TABLE, 'utf8')) as Row[];
const AXES = ['Sample', 'Filter', 'Row', 'Column'];

/** The elements that parts select. */
function selected(parts: readonly Part[], shape: readonly number[]): number[] {
  return parts.reduce<number[]>(
    (found, part, axis) => {
      const extent = shape[axis] ?? 1;
      const [start, stop] = typeof part === 'number' ? [part, part + 1] : part;
      const indices = Array.from({ length: stop - start }, (_, i) => start + i);
      return found.flatMap(before => indices.map(index => before * extent + index));
    },
    [0],
  );
}

const names = (shape: number[]) => AXES.slice(0, shape.length);

describe('parseSlice', () => {
  test('it_selects_what_numpy_selects', () => {
    const shown = ROWS.filter(row => row.elements !== undefined && row.elements.length > 0);
    expect(shown.length).toBeGreaterThan(100);
    for (const { shape, slice, kept, elements } of shown) {
      const parsed = parseSlice(slice, shape, names(shape));
      if ('error' in parsed) throw new Error(`${slice} of (${shape}): ${parsed.error}`);
      expect(selected(parsed.parts, shape), `${slice} of (${shape})`).toEqual(elements);
      const spans = parsed.parts.flatMap(part => (typeof part === 'number' ? [] : [part]));
      expect(spans.map(([start, stop]) => stop - start)).toEqual(kept);
    }
  });

  test('what_numpy_refuses_or_finds_empty_is_an_error_in_words', () => {
    const refused = ROWS.filter(({ elements, shape }) => !elements?.length && !shape.includes(0));
    expect(refused.length).toBeGreaterThan(50);
    for (const { shape, slice } of refused) {
      expect(parseSlice(slice, shape, names(shape)), `${slice} of (${shape})`).toHaveProperty(
        'error',
      );
    }
  });

  test('an_axis_without_elements_is_shown_as_numpy_has_it', () => {
    expect(parseSlice(':, 1:', [0, 3], AXES)).toEqual({
      parts: [
        [0, 0],
        [1, 3],
      ],
    });
  });

  test.each([
    ['0, 12', 'Filter has 4: -4 to 3, not 12'],
    ['0, 0, 0, 0', 'the tensor has 3 axes, the slice has 4'],
    ['0, ::2', 'Filter: steps, as in ::2, cannot be shown'],
    ['..., ...', 'one ... can stand in a slice, not several'],
    ['0, 3:1', 'Filter: 3:1 has no elements, of 4'],
    ['0, x', "Filter: expected a number, a:b, : or ..., not 'x'"],
    ['0,,1', 'Filter: expected a number, a:b, : or ..., not nothing'],
    ['99999999999999999999', 'Sample has 2: -2 to 1, not 99999999999999999999'],
  ])('it_says_what_does_not_fit: %s', (text, error) => {
    expect(parseSlice(text, [2, 4, 5], AXES)).toEqual({ error });
  });

  test('brackets_that_were_copied_with_it_are_left_out', () => {
    expect(parseSlice('[1, 2:3]', [2, 4], AXES)).toEqual({ parts: [1, [2, 3]] });
  });
});

test('a_part_is_written_as_it_is_read', () => {
  expect([partText(3, 9), partText([0, 9], 9), partText([2, 9], 9)]).toEqual(['3', ':', '2:9']);
});
