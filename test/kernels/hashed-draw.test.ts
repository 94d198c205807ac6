import { describe, expect, it } from 'vitest';
import { hashedSeed, hashedUniform } from '../../src/kernels/hashed-draw.ts';

describe('hashedUniform', () => {
  const draws = Array.from({ length: 10_000 }, (_, i) => hashedUniform('draw', [1, `mp-${i}`]));

  it('never changes', () => expect(hashedUniform('example', [1, 'a'])).toBe(0.08671114550685766));

  it('is uniform in [0, 1): every tenth holds its share within five standard deviations', () => {
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = draws.filter((u) => u >= tenth / 10 && u < (tenth + 1) / 10).length;
      expect(Math.abs(share - 1000)).toBeLessThan(5 * Math.sqrt(900));
    }
  });

  it('is unrelated between seeds', () => {
    const other = draws.map((_, i) => hashedUniform('draw', [2, `mp-${i}`]));
    const both = draws.filter((u, i) => u < 0.2 && other[i]! < 0.2).length;
    expect(Math.abs(both - 400)).toBeLessThan(100);
  });
});

describe('hashedSeed', () => {
  it('never changes, and fits a signed 32-bit integer', () => {
    expect(hashedSeed('example', [1, 'a'])).toBe(186210767);
    for (let i = 0; i < 1000; i++) {
      const seed = hashedSeed('example', [i]);
      expect(seed | 0).toBe(seed);
      expect(seed).toBeGreaterThanOrEqual(0);
    }
  });
});
