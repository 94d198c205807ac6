import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { farthestFirst } from '../../src/kernels/farthest-first.ts';

const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, j) => x - b[j]!));
const points = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), { maxLength: 9 });

describe('farthestFirst', () => {
  it('begins with the first, and goes on with the farthest from all chosen', () =>
    expect(farthestFirst([[0], [1], [9], [10]], 3)).toEqual([0, 3, 1]));

  it('begins beside others with the farthest from them', () =>
    expect(farthestFirst([[0], [1], [9], [10]], 2, [[0.4], [10]])).toEqual([2, 1]));

  it('chooses each point once, also among equal ones', () =>
    expect(farthestFirst([[1], [1], [1]], 5)).toEqual([0, 1, 2]));

  it('takes in each step the largest distance to the nearest of all before, by brute force', () => {
    fc.assert(
      fc.property(points, points, fc.nat(9), (all, beside, count) => {
        const chosen = farthestFirst(all, count, beside);
        expect(new Set(chosen).size).toBe(Math.min(count, all.length));
        for (const [step, i] of chosen.entries()) {
          const before = [...beside, ...chosen.slice(0, step).map((j) => all[j]!)];
          const nearest = (j: number) => Math.min(...before.map((other) => distance(all[j]!, other)));
          const free = [...all.keys()].filter((j) => !chosen.slice(0, step).includes(j));
          if (before.length > 0) expect(nearest(i)).toBeCloseTo(Math.max(...free.map(nearest)), 9);
        }
      }),
    );
  });

  it('keeps at least half the largest smallest distance that any choice has', () => {
    const smallest = (chosen: readonly (readonly number[])[]) =>
      Math.min(...chosen.flatMap((a, i) => chosen.slice(i + 1).map((b) => distance(a, b))));
    fc.assert(
      fc.property(points, (all) => {
        fc.pre(all.length >= 3);
        const ours = farthestFirst(all, 3).map((i) => all[i]!);
        const best = Math.max(
          ...all.flatMap((a, i) =>
            all.slice(i + 1).flatMap((b, j) => all.slice(i + j + 2).map((c) => smallest([a, b, c]))),
          ),
        );
        expect(smallest(ours)).toBeGreaterThanOrEqual(best / 2 - 1e-9);
      }),
    );
  });
});
