import { describe, expect, it } from 'vitest';
import { sha256, sha256Words } from '../../src/model/sha256.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const hex = (words: Uint32Array) => Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');

/** Vectors published with FIPS 180 (NIST, "SHA-256" example computations, and the Secure Hash Standard's appendix B). */
describe('sha256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('gives the published digest of %.60s, as digits and as words', (text, digest) => {
    expect(sha256(bytesOf(text))).toBe(digest);
    expect(hex(sha256Words(bytesOf(text)))).toBe(digest);
  });

  it('takes a view of a buffer as its own bytes', () => {
    const moved = new Uint8Array(8);
    moved.set(bytesOf('abc'), 3);
    expect(sha256(moved.subarray(3, 6))).toBe(sha256(bytesOf('abc')));
    expect(sha256Words(moved.subarray(3, 6))).toEqual(sha256Words(bytesOf('abc')));
  });
});
