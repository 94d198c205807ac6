import { expect, it } from 'vitest';
import { createRecentValues } from '../../src/runtime/recent-values.ts';

it('keeps so many values, and forgets the one that was not used for longest', () => {
  const recent = createRecentValues<number>(2);
  recent.set('a', 1);
  recent.set('b', 2);
  expect(recent.get('a')).toBe(1);
  recent.set('c', 3);
  expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([1, undefined, 3]);
  recent.set('a', 4);
  recent.set('d', 5);
  expect(['a', 'c', 'd'].map((key) => recent.get(key))).toEqual([4, undefined, 5]);
  recent.delete('a');
  expect(recent.get('a')).toBeUndefined();
});
