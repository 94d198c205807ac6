import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PersistentMap, PersistentSet } from '../../../src/learning/campaign/persistent-map.ts';

describe('PersistentMap', () => {
  /** Which of the versions made so far gets an entry, and which is looked at next. */
  const steps = fc.array(fc.record({ from: fc.nat(), key: fc.nat(6), value: fc.nat(), look: fc.nat() }), {
    maxLength: 60,
  });

  it('keeps every version as it was, whichever is read or goes on', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const versions = [{ map: PersistentMap.of<number, number>(), expected: new Map<number, number>() }];
        const at = (i: number) => versions[i % versions.length]!;
        const check = ({ map, expected }: (typeof versions)[number]) => {
          expect(map.size).toBe(expected.size);
          for (let key = 0; key <= 6; key++) {
            expect([map.has(key), map.get(key)]).toEqual([expected.has(key), expected.get(key)]);
          }
          expect(new Map(map)).toEqual(expected);
        };
        for (const { from, key, value, look } of taken) {
          const { map, expected } = at(from);
          versions.push({ map: map.with(key, value), expected: new Map(expected).set(key, value) });
          check(at(look));
        }
        for (const version of versions) check(version);
      }),
    );
  });

  it('may be gone through while another version is read', () => {
    const old = PersistentMap.of([['a', 1]]).with('b', 2);
    const next = old.with('b', 3).with('c', 4);
    const seen = [...old].map(([key, value]) => [key, value, next.get(key)]);
    expect(seen).toEqual([
      ['a', 1, 1],
      ['b', 2, 3],
    ]);
  });

  it('is equal to one with the same entries in another order', () => {
    const one = PersistentMap.of([['a', 1]]).with('b', 2);
    expect(one).toEqual(PersistentMap.of([['b', 2]]).with('a', 1));
    expect(one).not.toEqual(one.with('a', 3));
  });
});

describe('PersistentSet', () => {
  it('keeps every version as it was, and is itself with a member that it has', () => {
    const one = PersistentSet.of<string>().with('a');
    const two = one.with('b');
    expect([[...one], [...two], one.has('b'), two.size]).toEqual([['a'], ['a', 'b'], false, 2]);
    expect(two.with('a')).toBe(two);
    expect(two).toEqual(PersistentSet.of<string>().with('b').with('a'));
    expect(two).not.toEqual(one);
  });
});
