/**
 * A stream of uniform 32-bit words that depends on its seed alone.
 * Method: xoshiro128++ on a state of four words, which a Weyl sequence with murmur3's finalizer makes from the seed.
 * Source: Blackman, Vigna, ACM Trans. Math. Softw. 47 (2021) 36, doi:10.1145/3460772.
 * Returns: the next word on each call, 0 to 2^32 - 1.
 * Known value: the state 1, 2, 3, 4 gives 641, 1573767, 3222811527 first, as the authors' C code does.
 */
export function randomWords(seed: number): () => number {
  let word = seed | 0;
  const next = () => {
    word = (word + 0x9e3779b9) | 0;
    let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return mixed ^ (mixed >>> 16);
  };
  return wordsFrom([next(), next(), next(), next()]);
}

/**
 * The same from a given state.
 * Equation: out = rotl(s0 + s3, 7) + s0; the state moves on linearly.
 * Source: Blackman, Vigna, ACM Trans. Math. Softw. 47 (2021) 36, doi:10.1145/3460772.
 * Returns: the next word on each call, 0 to 2^32 - 1.
 * Requires: a word that is not 0.
 * Known value: 1, 2, 3, 4 gives 641, 1573767, 3222811527 first.
 */
export function wordsFrom(state: readonly [number, number, number, number]): () => number {
  let [s0, s1, s2, s3] = state;
  return () => {
    const out = (rotated((s0 + s3) | 0, 7) + s0) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotated(s3, 11);
    return out;
  };
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
