import { describe, expect, test } from 'vitest';
import { type Address, formatAddress, parseAddress } from '../../src/state/address';
import { DEFAULT_SCALES } from '../../src/state/scales';

const FULL: Address = {
  run: 'exp 1/träin&x=1',
  key: 'conv2.0/output#1',
  step: 1200,
  sample: 3,
  tab: 'statistics',
  lead: { 1: 4, 2: 7 },
  roles: ['slider', 'maps', 'columns', 'rows'],
  crop: { 1: [4, 12], 3: [0, 5] },
  page: 2,
  level: 1,
  plane: 'max_abs',
  map: 5,
  scales: {
    weights: {
      ...DEFAULT_SCALES.weights,
      map: 'earth',
      reversed: true,
      mode: 'fixed',
      fixed: [-1.5e-7, Number.NaN],
      transform: 'symlog',
    },
  },
};

/** TensorBoard's own reading of its hash: entries of exactly one `=`, each side decoded. */
function tensorBoardHash(hash: string): Record<string, string> {
  const parts = hash.slice(1).split('&');
  return Object.fromEntries(
    parts.flatMap(part => {
      const sides = part.split('=');
      if (sides.length === 1) return [['__tab__', part]];
      return sides.length === 2 ? [sides.map(decodeURIComponent)] : [];
    }),
  );
}

describe('the address', () => {
  test('everything_in_it_comes_back', () => {
    expect(parseAddress(formatAddress('#layerview', FULL))).toEqual(FULL);
  });

  test('tensorboard_reads_every_entry_as_it_was_meant', () => {
    const entries = tensorBoardHash(formatAddress('#layerview', FULL));
    expect(entries.__tab__).toBe('layerview');
    expect(entries['p.layerview.run']).toBe('exp 1/träin&x=1');
    expect(entries['p.layerview.key']).toBe('conv2.0/output#1');
  });

  test('a_step_before_zero_comes_back', () => {
    const address: Address = { step: -5, other: { step: -10 } };
    expect(parseAddress(formatAddress('#layerview', address))).toEqual(address);
  });

  test('entries_of_others_stay_as_they_are', () => {
    const before = '#scalars&tagFilter=lo%3Ds&p.other.run=a&p.layerview.run=old&p.layerview.step=4';
    expect(formatAddress(before, { run: 'new' })).toBe(
      '#scalars&tagFilter=lo%3Ds&p.other.run=a&p.layerview.run=new',
    );
  });

  test('what_is_the_default_is_not_written', () => {
    expect(formatAddress('#layerview', {})).toBe('#layerview');
    expect(formatAddress('#layerview', { lead: { 0: 0 } })).toBe('#layerview');
  });

  test.each([
    '#layerview&p.layerview.step=--4',
    '#layerview&p.layerview.sample=-4',
    '#layerview&p.layerview.step=1e400',
    '#layerview&p.layerview.tab=nowhere',
    '#layerview&p.layerview.lead=a:b,1',
    '#layerview&p.layerview.scale.weights=nomap~auto~linear',
    '#layerview&p.layerview.sample=',
  ])('what_makes_no_sense_is_left_out: %s', hash => {
    const address = parseAddress(hash);
    expect(Object.values(address).filter(value => Object.keys(value ?? {}).length > 0)).toEqual([]);
  });

  test('a_link_that_was_cut_off_in_an_escape_is_read_as_far_as_it_goes', () => {
    expect(parseAddress('#layerview&p.layerview.run=exp%2Fa&p.layerview.key=conv%2')).toEqual({
      run: 'exp/a',
      key: 'conv%2',
    });
  });
});

test.each(['0:Infinity,0:8', '0:,0:8', '8:0,0:8', ':,:'])(
  'a_part_that_is_none_is_all_of_the_matrix: %s',
  view => {
    expect(parseAddress(`#layerview&p.layerview.view=${encodeURIComponent(view)}`)).toEqual({});
  },
);
