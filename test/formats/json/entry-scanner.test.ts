import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryScanner } from '../../../src/formats/json/entry-scanner.ts';

const LIMITS = { entryBytesMax: 1_000, headBytesMax: 1_000 };

/** The entries' texts, for a document that comes in chunks of the given sizes, in turn. */
function scanned(text: string, sizes: readonly number[] = [1 << 20], limits = LIMITS) {
  const scanner = new EntryScanner(limits);
  const bytes = new TextEncoder().encode(text);
  const entries: (string | undefined)[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + sizes[i % sizes.length]!;
    for (const entry of scanner.push(bytes.subarray(at, end))) entries.push(entry && new TextDecoder().decode(entry));
    at = end;
  }
  return {
    entries,
    head: new TextDecoder().decode(scanner.head),
    isComplete: scanner.isComplete,
    hasList: scanner.hasList,
  };
}

const parsed = (entries: readonly (string | undefined)[]) => entries.map((entry) => JSON.parse(entry!) as unknown);

describe('EntryScanner', () => {
  it('finds the entries of any list, however it is written and cut', () => {
    const written = fc.tuple(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'));
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    fc.assert(
      fc.property(written, sizes, ([list, indent], cut) => {
        const found = scanned(JSON.stringify(list, null, indent), cut, { entryBytesMax: 1e6, headBytesMax: 1e6 });
        expect(parsed(found.entries)).toEqual(JSON.parse(JSON.stringify(list)));
        expect(found.isComplete).toBe(true);
      }),
    );
  });

  it('finds the list that is the member data, whatever stands around it', () => {
    const before = fc.dictionary(fc.string(), fc.jsonValue()).map(({ data: _, ...others }) => others);
    fc.assert(
      fc.property(before, fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 9 }), (others, data, size) => {
        const found = scanned(JSON.stringify({ ...others, data, meta: { data: [1] } }), [size], {
          entryBytesMax: 1e6,
          headBytesMax: 1e6,
        });
        expect(parsed(found.entries)).toEqual(JSON.parse(JSON.stringify(data)));
        expect(JSON.parse(`${found.head}]}`)).toMatchObject(JSON.parse(JSON.stringify(others)) as object);
        expect(found.isComplete).toBe(true);
      }),
    );
  });

  it('keeps what is no list, to be read whole', () => {
    const text = '{"x": "data", "data": {"data": [1, 2]}, "y": ["data", [3]]}';
    expect(scanned(text, [3])).toMatchObject({ entries: [], hasList: false, head: text });
  });

  it('holds no more than an entry: a longer one is passed over', () => {
    const long = JSON.stringify('x'.repeat(2_000));
    expect(scanned(`[1,${long},{"a":${long}},2]`, [7]).entries).toEqual(['1', undefined, undefined, '2']);
    expect(() => scanned(`{"a":${long}}`, [7])).toThrow(/more than 1000 bytes/);
  });

  it('tells a list that is cut short, and what goes on after its end', () => {
    expect(scanned('[{"a":1},{"b":')).toMatchObject({ entries: ['{"a":1}'], isComplete: false });
    expect(scanned('{"data":[1]')).toMatchObject({ entries: ['1'], isComplete: false });
    expect(scanned('[]')).toMatchObject({ entries: [], isComplete: true });
    expect(() => scanned('[1] [2]')).toThrow(/goes on after its end/);
    expect(() => scanned('[1]]')).toThrow(/goes on after its end/);
  });

  it('takes any depth', () => {
    const deep = `${'['.repeat(1e6)}${']'.repeat(1e6)}`;
    expect(scanned(`[${deep}]`, [1 << 16], { entryBytesMax: 1e7, headBytesMax: 10 }).entries).toEqual([deep]);
  });
});
