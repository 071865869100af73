import { describe, expect, test } from 'vitest';
import { parseNpy } from '../../src/api/npy';
import { collectPieces, csvPieces } from '../../src/state/csv';
import { figureOf } from '../../src/state/figure';
import { asDrawn } from '../../src/state/pictureData';
import { planOf } from '../../src/state/plan';
import { parseRoles } from '../../src/state/roles';
import type { Part } from '../../src/state/slice';
import { fileStem, pythonOf, takenOf } from '../../src/state/takeAway';
import { tensor } from '../support/fakeServer';
import { npyFile } from '../support/npyFile';

const floats = (shape: number[], ...values: number[]) =>
  parseNpy(npyFile('<f4', shape, Float32Array.from(values)));

/** The whole of an array as the file has it. */
function csvOf(array: ReturnType<typeof floats>, names: string[], parts?: Part[]): string {
  const all = parts ?? array.shape.map((extent): Part => [0, extent]);
  return [
    ...csvPieces(
      array,
      all,
      names.map(name => ({ name, block: 1 })),
    ),
  ].join('');
}

describe('csvPieces', () => {
  test('a_matrix_is_lines_and_columns_with_every_digit', () => {
    const text = csvOf(floats([2, 2], 0.1, -0, 16777217, 3e-39), ['Row', 'Column']);
    expect(text.split('\n').slice(0, 1)).toEqual(['0.1,-0']);
    const read = text.trim().split('\n')[1]?.split(',').map(Number) ?? [];
    expect(read.map(Math.fround)).toEqual([16777216, Math.fround(3e-39)]);
  });

  test('what_is_not_finite_is_written_as_numpy_reads_it', () => {
    expect(csvOf(floats([3], Number.NaN, Infinity, -Infinity), ['Row'])).toBe('NaN,Inf,-Inf\n');
  });

  test('more_axes_are_told_before_each_line', () => {
    const text = csvOf(floats([2, 1, 2], 1, 2, 3, 4), ['Filter', 'A "row"', 'Column']);
    expect(text).toBe('"Filter","A ""row""",0,1\n0,0,1,2\n1,0,3,4\n');
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', "=cmd|' /C calc'!A0"])(
    'the_name_of_an_axis_is_no_formula: %j',
    name => {
      const text = csvOf(floats([1, 1, 1], -1), [name, 'Row', 'Column']);
      expect(text).toBe(`"'${name}","Row",0\n0,0,-1\n`);
    },
  );

  test('indices_are_those_of_the_whole_tensor', () => {
    const array = floats([2, 1, 2], 1, 2, 3, 4);
    const names = ['Sample', 'Filter', 'Row', 'Column'];
    const text = csvOf(array, names, [3, [8, 10], [5, 6], [100, 102]]);
    expect(text).toBe('"Filter","Row",100,101\n8,5,1,2\n9,5,3,4\n');
    // Blocks are told by their first elements.
    const axes = names.map(name => ({ name, block: name === 'Sample' ? 1 : 8 }));
    const blocks = [...csvPieces(array, [3, [8, 10], [5, 6], [100, 102]], axes)].join('');
    expect(blocks).toBe('"Filter","Row",800,808\n64,40,1,2\n72,40,3,4\n');
  });

  test('a_long_file_comes_in_pieces_and_can_be_stopped', async () => {
    const values = Float32Array.from({ length: 300_000 }, (_, i) => i);
    const array = parseNpy(npyFile('<f4', [300, 1000], values));
    const parts: Part[] = [
      [0, 300],
      [0, 1000],
    ];
    const axes = ['Row', 'Column'].map(name => ({ name, block: 1 }));
    const shares: number[] = [];
    const told = (share: number) => shares.push(share);
    const { signal } = new AbortController();
    const pieces = await collectPieces(csvPieces(array, parts, axes), 300_000, told, signal);
    expect(shares).toHaveLength(6);
    expect(shares.at(-1)).toBe(1);
    const numbers = pieces.join('').trim().split(/[\n,]/).map(Number);
    expect(numbers.every((value, i) => value === i)).toBe(true);
    const aborter = new AbortController();
    const stopped = collectPieces(
      csvPieces(array, parts, axes),
      300_000,
      share => share > 0.3 && aborter.abort(),
      aborter.signal,
    );
    await expect(stopped).rejects.toThrow();
  });

  test('complex_elements_are_pythons', () => {
    const array = parseNpy(npyFile('<c16', [2], Float64Array.of(0.5, -2, 1, Number.NaN)));
    expect(csvOf(array, ['Row'])).toBe('0.5-2j,1+NaNj\n');
  });
});

describe('takenOf', () => {
  const large = tensor('fc/param.weight', [16_384, 16_384], ['Out', 'In'], { levels: 2 });
  const choice = { sample: 0, lead: {}, page: 0, level: null, plane: 'mean', tiles: true } as const;
  const plan = planOf(large, choice);
  const request = { run: 'r', generation: 'g', step: 3, tensor: large, plan };
  const figure = figureOf(request, floats([1, 1], 0));

  test('of_a_large_matrix_it_is_the_elements_of_the_part_that_is_seen', () => {
    const region = { rows: [99.5, 200.2], cols: [-3, 50] } as const;
    const taken = takenOf(figure, undefined, region);
    expect([taken.index, taken.level]).toEqual(['99:201, 0:50', 0]);
    expect(fileStem(taken)).toBe('fc_param.weight_step3_99to201-0to50');
    expect(taken.count).toBe(102 * 50);
  });

  test('of_a_part_that_is_drawn_transposed_it_is_the_part_and_the_code_turns_it', () => {
    const maps = tensor('c/output', [2, 3, 5, 7], ['Sample', 'Filter', 'Row', 'Column']);
    const roles = parseRoles('smcr') ?? [];
    const chosen = planOf(maps, { ...choice, sample: 1, roles, crop: { 1: [1, 3], 2: [2, 5] } });
    const array = asDrawn(floats([2, 3, 7], ...Array(42).fill(0)), chosen.drawn);
    const drawn = figureOf({ ...request, tensor: maps, plan: chosen }, array);
    const taken = takenOf(drawn, undefined, null);
    expect([taken.index, taken.order]).toEqual(['1, 1:3, 2:5, :', [0, 2, 1]]);
    expect(pythonOf(taken, 'runs')).toContain(
      '.at(3)[1, 1:3, 2:5, :]\narray = array.transpose(0, 2, 1)',
    );
    const one = takenOf(drawn, drawn.maps[1], null);
    expect([one.index, one.order]).toEqual(['1, 2, 2:5, :', [1, 0]]);
  });

  test('where_the_elements_are_too_many_it_is_the_blocks_that_are_seen', () => {
    const taken = takenOf(figure, undefined, null);
    expect([taken.index, taken.level, taken.planes]).toEqual([':, :', 2, ['mean']]);
    expect(taken.count).toBe(256 * 256);
    expect(fileStem(taken, 'mean')).toBe('fc_param.weight_step3_level2_mean');
    expect(pythonOf(taken, 'runs/r')).toContain(
      'log["fc/param.weight"].at(3).level(2, "mean")[:, :]',
    );
  });

  test('an_extreme_and_a_range_are_taken_as_the_two_planes_that_make_them', () => {
    for (const [plane, made] of [
      ['max_abs', 'numpy.where(-least > greatest, least, greatest)'],
      ['range', 'greatest - least'],
    ] as const) {
      const ofBlocks = planOf(large, { ...choice, plane });
      const shown = figureOf({ ...request, plan: ofBlocks }, floats([1, 1], 0));
      const taken = takenOf(shown, undefined, null);
      expect(taken.planes).toEqual(['min', 'max']);
      expect(fileStem(taken, 'max')).toBe('fc_param.weight_step3_level2_max');
      const python = pythonOf(taken, '/logs/r');
      expect(python).toContain('least = log["fc/param.weight"].at(3).level(2, "min")[:, :]');
      expect(python).toContain(`array = ${made}\n`);
    }
  });
});

test('python_code_shows_every_letter_of_a_name', () => {
  const name = 'a"\\\n\u001b[2J\u009b\u202eb\u2066\u2028\u{e0001}é层';
  const taken = { run: 'r', generation: '', key: name, step: 1, index: ':', level: 0 } as const;
  const whole = { parts: [], order: null, count: 1, shown: 'mean', planes: ['mean'] } as const;
  const code = pythonOf({ ...taken, ...whole }, 'runs/r');
  const shown = String.raw`"a\"\\\n\u001b[2J\u009b\u202eb\u2066\u2028\U000e0001é层"`;
  expect(code).toContain(`log[${shown}]`);
});
