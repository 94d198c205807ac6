import { murmur2 } from '../../../src/model/partitioner.ts';
import type { Random } from '../../../src/ports/random.ts';

/** Randomness that can be repeated from a seed. */
export interface SeededRandom extends Random {
  /** True with that probability. */
  chance(probability: number): boolean;
  /** A whole number from 0 to n - 1. */
  int(n: number): number;
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
  /** An independent generator of that name. It depends only on seed and name, not on what was drawn before. */
  fork(name: string): SeededRandom;
}

/** Mulberry32 (T. Ettinger, public domain). */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed | 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (n: number) => Math.floor(uniform() * n);
  return {
    uniform,
    int,
    bytes: (length) => Uint8Array.from({ length }, () => int(256)),
    chance: (probability) => uniform() < probability,
    pick: (items) => items[int(items.length)]!,
    shuffle(items) {
      const shuffled = [...items];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const other = int(i + 1);
        [shuffled[i], shuffled[other]] = [shuffled[other]!, shuffled[i]!];
      }
      return shuffled;
    },
    fork: (name) => createSeededRandom(murmur2(Buffer.from(`${seed} ${name}`))),
  };
}
