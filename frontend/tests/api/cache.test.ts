import { describe, expect, test } from 'vitest';
import { ByteCache } from '../../src/api/cache';

describe('ByteCache', () => {
  test('the_least_recently_used_goes_first', () => {
    const cache = new ByteCache<string>(30);
    cache.set('a', 'A', 10);
    cache.set('b', 'B', 10);
    cache.set('c', 'C', 10);
    expect(cache.get('a')).toBe('A');
    cache.set('d', 'D', 10);
    expect(cache.get('b')).toBeUndefined();
    expect([cache.get('a'), cache.get('c'), cache.get('d')]).toEqual(['A', 'C', 'D']);
  });

  test('the_bytes_never_exceed_the_budget', () => {
    const cache = new ByteCache<number>(100);
    for (let i = 0; i < 50; i++) {
      cache.set(`k${i}`, i, 7 + (i % 5));
      expect(cache.bytes).toBeLessThanOrEqual(100);
    }
    expect(cache.bytes).toBeGreaterThan(80);
  });

  test('a_value_larger_than_the_budget_is_not_kept_and_evicts_nothing', () => {
    const cache = new ByteCache<string>(10);
    cache.set('small', 's', 5);
    cache.set('large', 'l', 11);
    expect(cache.get('large')).toBeUndefined();
    expect(cache.get('small')).toBe('s');
  });

  test('setting_a_key_again_counts_its_bytes_once', () => {
    const cache = new ByteCache<string>(20);
    cache.set('a', 'old', 10);
    cache.set('a', 'new', 12);
    expect(cache.bytes).toBe(12);
    expect(cache.get('a')).toBe('new');
  });
});
