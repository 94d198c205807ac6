import { hash } from 'node:crypto';

/*
 * The only place where pure code uses Node. A digest has the same bits everywhere, so a replay stays a replay, and
 * OpenSSL is two to four times as fast as our own loop. `hash` is used instead of `createHash`: for short inputs,
 * creating the object of `createHash` takes longer than the digest.
 * Source: NIST FIPS 180-4 (2015), doi:10.6028/NIST.FIPS.180-4.
 */

const WORDS = 8;

/**
 * The SHA-256 of some bytes as 64 hexadecimal digits.
 * Known value: sha256('abc') = ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad.
 */
export function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/**
 * The SHA-256 of some bytes as eight 32-bit words, most significant first.
 * Returns: Uint32Array[8].
 */
export function sha256Words(bytes: Uint8Array): Uint32Array {
  // One character per byte: Node creates a string faster than a Buffer.
  const digest = hash('sha256', bytes, 'binary');
  const byte = (at: number) => digest.charCodeAt(at);
  const words = new Uint32Array(WORDS);
  for (let i = 0, at = 0; i < WORDS; i++, at += 4) {
    words[i] = (byte(at) << 24) | (byte(at + 1) << 16) | (byte(at + 2) << 8) | byte(at + 3);
  }
  return words;
}
