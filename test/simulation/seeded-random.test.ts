import { expect, it } from 'vitest';
import { createSeededRandom } from '../support/simulation/seeded-random.ts';

const drawn = (seed: number, name?: string) => {
  const random = name === undefined ? createSeededRandom(seed) : createSeededRandom(seed).fork(name);
  return Array.from({ length: 20 }, () => random.uniform());
};

it('gives the same for the same seed and name, and else other numbers', () => {
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1, 'a')).toEqual(drawn(1, 'a'));
  const all = [drawn(1), drawn(2), drawn(1, 'a'), drawn(1, 'b'), drawn(2, 'a')];
  expect(new Set(all.flat()).size).toBe(100);
});

it('forks without regard to what was drawn before', () => {
  const random = createSeededRandom(7);
  const before = random.fork('x').uniform();
  random.uniform();
  expect(random.fork('x').uniform()).toBe(before);
});

it('is uniform enough', () => {
  const random = createSeededRandom(3);
  const counts = new Uint32Array(10);
  for (let i = 0; i < 10_000; i++) counts[random.int(10)]!++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  const hits = Array.from({ length: 10_000 }, () => random.chance(0.2)).filter(Boolean).length;
  expect(Math.abs(hits - 2000)).toBeLessThan(160);
  expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
  expect(random.bytes(5)).toHaveLength(5);
});

it('shuffles and picks among what is there', () => {
  const random = createSeededRandom(4);
  const items = [...Array(30).keys()];
  expect(random.shuffle(items)).not.toEqual(items);
  expect(random.shuffle(items).sort((a, b) => a - b)).toEqual(items);
  expect(new Set(Array.from({ length: 200 }, () => random.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
});
