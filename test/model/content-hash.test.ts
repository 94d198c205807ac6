import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash, type HashField, isContentHash } from '../../src/model/content-hash.ts';

const hash = (...fields: HashField[]) => contentHash('test', fields);

/** Committed logs are named by these: a change here makes every one of them unreadable. Never adjust, make `h2:`. */
const GOLDEN: readonly (readonly [string, HashField[], string])[] = [
  ['nothing', [], 'h1:aeefbf2a4e0bcd84274f2b5610ccb2757df0c32b5d3c4bf49f6e0b5dc503a9ad'],
  [
    'one of each',
    ['Na₂S', 1.5, true, false, null, Uint8Array.of(0, 255), Float64Array.of(1, -0, Number.NaN), ['a', [2]]],
    'h1:48e89451aa3e12192538c3feb8a0e3ee5aa2286d1a0021111bfb50df53dc0796',
  ],
  ['a material id', ['mp-fsxpj'], 'h1:ec350c88c9cd71b40aac5f0ce5531b055da42bdea3c6e690ec6d28e84c9acbb7'],
  [
    'numbers',
    [0, -1, 1e300, 5e-324, Number.POSITIVE_INFINITY, Number.NaN],
    'h1:4f076f1b7b0649851667e95804b7d0237052ceb5ad72888f5177468fc27a187c',
  ],
];

describe('contentHash', () => {
  it.each(GOLDEN)('of %s is what it always was', (_, fields, expected) => expect(hash(...fields)).toBe(expected));

  it('is SHA-256 over the documented bytes', () => {
    const bytes = [
      Buffer.from('h1'),
      Buffer.from([1, 4, 0, 0, 0]),
      Buffer.from('test'),
      Buffer.from([1, 2, 0, 0, 0]),
      Buffer.from('mp'),
      Buffer.from([2, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]),
      Buffer.from([6, 1, 0, 0, 0, 7]),
      Buffer.from([8, 1, 0, 0, 0, 5]),
    ];
    const digest = createHash('sha256').update(Buffer.concat(bytes)).digest('hex');
    expect(hash('mp', 1.5, Uint8Array.of(7), [null])).toBe(`h1:${digest}`);
  });

  it('takes -0 as 0, any NaN as one NaN, and text by its composed form', () => {
    const odd = new Float64Array(new BigUint64Array([0xfff8dead00000001n]).buffer);
    expect(hash(-0)).toBe(hash(0));
    expect(hash(odd)).toBe(hash(Float64Array.of(Number.NaN)));
    expect(hash(odd[0]!)).toBe(hash(Number.NaN));
    expect(hash('Si\u0065\u0301')).toBe(hash('Si\u00e9'));
  });

  it('tells apart what other encodings run together', () => {
    const different = [
      hash('ab', 'c'),
      hash('a', 'bc'),
      hash('abc'),
      hash(['abc']),
      hash(['a', 'bc']),
      hash('1'),
      hash(1),
      hash(true),
      hash(null),
      hash(),
      hash([]),
      hash(new Float64Array(0)),
      hash(new Uint8Array(0)),
      hash([1]),
      hash(Float64Array.of(1)),
      hash('a\0b'),
      hash('a', 'b'),
      contentHash('other', ['abc']),
    ];
    expect(new Set(different).size).toBe(different.length);
    expect(different.every(isContentHash)).toBe(true);
  });

  it('does not depend on what was hashed before, nor on the size', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 400 }), { maxLength: 20 }), (texts) => {
        const first = hash(texts);
        hash(new Float64Array(500));
        expect(hash(texts)).toBe(first);
      }),
    );
  });

  it('refuses a lone surrogate', () => expect(() => hash('\ud800')).toThrow(RangeError));
});
