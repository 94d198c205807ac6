import { contentDigest, type HashField } from '../model/content-hash.ts';

/**
 * A number in [0, 1) that depends only on its arguments: it is the same on every node, in any order, in any round.
 * Equation: u = floor(SHA-256(kind, fields) / 2^203) / 2^53: the digest's first 53 bits as a fraction.
 * Source: NIST FIPS 180-4 (2015), doi:10.6028/NIST.FIPS.180-4, over the tuple of src/model/content-hash.ts.
 * Returns: a number without unit.
 * Known value: hashedUniform('example', [1, 'a']) = 0.08671114550685766.
 */
export function hashedUniform(kind: string, fields: readonly HashField[]): number {
  const [high, low] = contentDigest(kind, fields);
  return (high! * 2 ** 21 + (low! >>> 11)) / 2 ** 53;
}

/**
 * A seed for generators that take a non-negative signed 32-bit integer, such as LightGBM's.
 * Equation: seed = the first 31 bits of SHA-256(kind, fields).
 * Source: NIST FIPS 180-4 (2015), doi:10.6028/NIST.FIPS.180-4, over the tuple of src/model/content-hash.ts.
 * Returns: an integer from 0 to 2^31 - 1.
 * Known value: hashedSeed('example', [1, 'a']) = 186210767.
 */
export function hashedSeed(kind: string, fields: readonly HashField[]): number {
  return contentDigest(kind, fields)[0]! >>> 1;
}
