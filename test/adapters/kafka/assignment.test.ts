import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignPartitions, type Claimant, workingKind } from '../../../src/adapters/kafka/assignment.ts';
import type { TopicPartition } from '../../../src/ports/event-log.ts';

const TOPICS = ['labels', 'materials'];
const partitions = fc.integer({ min: 1, max: 20 });
const names = fc.uniqueArray(fc.stringMatching(/^[a-f]{2}$/), { minLength: 1, maxLength: 6 });

const newcomers = (ids: readonly string[]): Claimant[] => ids.map((id) => ({ id, topics: TOPICS, kind: '', held: [] }));
const keys = (places: readonly TopicPartition[] = []) => places.map(({ topic, partition }) => `${topic} ${partition}`);
/** As a group does it: those who hold what is not theirs hand it over, and all join again. */
function settled(members: readonly Claimant[], count: number): { held: Claimant[]; rounds: number } {
  let held = [...members];
  for (let rounds = 0; ; rounds++) {
    const given = assignPartitions(held, () => count);
    const next = held.map((member) => ({ ...member, held: given.get(member.id)! }));
    if (JSON.stringify(next) === JSON.stringify(held)) return { held, rounds };
    held = next;
  }
}

describe('partitions of a group', () => {
  it('all have one member, those of the same number the same, and shares differ by one at most', () => {
    fc.assert(
      fc.property(names, partitions, (ids, count) => {
        const given = assignPartitions(newcomers(ids), () => count);
        const all = [...given.values()].flatMap(keys);
        expect(all.sort()).toEqual(
          TOPICS.flatMap((topic) => [...Array(count).keys()].map((p) => `${topic} ${p}`)).sort(),
        );
        for (const places of given.values()) {
          const of = (topic: string) => places.filter((at) => at.topic === topic).map((at) => at.partition);
          expect(of('labels')).toEqual(of('materials'));
          expect([Math.floor(count / ids.length), Math.ceil(count / ids.length)]).toContain(of('labels').length);
        }
      }),
    );
  });

  it('are never given to one while another holds them', () => {
    const held = fc.array(fc.record({ topic: fc.constantFrom(...TOPICS), partition: fc.nat(7) }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(held, { minLength: 1, maxLength: 4 }), (claims) => {
        const members = claims.map((held, i) => ({ id: `m${i}`, topics: TOPICS, kind: '', held }));
        const given = assignPartitions(members, () => 8);
        for (const { id } of members) {
          const others = members.filter((other) => other.id !== id).flatMap(({ held }) => keys(held));
          expect(keys(given.get(id)).filter((key) => others.includes(key))).toEqual([]);
        }
      }),
    );
  });

  it('move no more than they must when members come and go, and come to rest', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('come', 'go'), partitions, (ids, change, count) => {
        const before = settled(newcomers(ids), count).held;
        const changed = change === 'come' ? [...before, ...newcomers(['zz'])] : before.slice(1);
        if (changed.length === 0) return;
        const { held: after, rounds } = settled(changed, count);
        expect(rounds).toBeLessThanOrEqual(2);
        const quota = Math.ceil(count / changed.length);
        for (const member of after) {
          const earlier = keys(before.find(({ id }) => id === member.id)?.held);
          const kept = keys(member.held).filter((key) => earlier.includes(key)).length;
          const floor = Math.floor(count / changed.length);
          expect(kept).toBeGreaterThanOrEqual(Math.min(earlier.length, TOPICS.length * floor));
          expect(kept).toBeLessThanOrEqual(TOPICS.length * quota);
        }
        expect(after.flatMap(({ held }) => held).length).toBe(TOPICS.length * count);
      }),
    );
  });

  it('of a topic go to those members only that consume it', () => {
    const old = { id: 'old', topics: ['labels'], kind: '', held: [] };
    const given = assignPartitions([old, { id: 'new', topics: TOPICS, kind: '', held: [] }], () => 4);
    expect(keys(given.get('old'))).toEqual(['labels 1', 'labels 3']);
    expect(keys(given.get('new'))).toEqual(['labels 0', 'labels 2', ...[0, 1, 2, 3].map((p) => `materials ${p}`)]);
  });

  describe('where members are of several kinds', () => {
    const of = (kind: string, ...ids: string[]) => ids.map((id) => ({ ...newcomers([id])[0]!, kind }));
    const holders = (held: readonly Claimant[]) =>
      Object.fromEntries(held.map((member) => [member.id, member.held.length]));

    it('go to the members of one kind only, all of them', () => {
      const kinds = fc.array(fc.constantFrom('x', 'y', 'z'), { minLength: 1, maxLength: 6 });
      fc.assert(
        fc.property(kinds, partitions, (kinds, count) => {
          const { held } = settled(
            kinds.flatMap((kind, i) => of(kind, `m${i}`)),
            count,
          );
          const working = workingKind(held);
          const ids = held.filter(({ kind }) => kind === working).map(({ id }) => id);
          expect(held.filter(({ id, held }) => held.length > 0 && !ids.includes(id))).toEqual([]);
          expect(held.flatMap(({ held }) => held)).toHaveLength(TOPICS.length * count);
        }),
      );
    });

    it('go over to the new kind when most members have been replaced, and not before', () => {
      const old = settled(of('old', 'a', 'b', 'c'), 6).held;
      const one = settled([...old.slice(1), ...of('new', 'd')], 6).held;
      expect(holders(one)).toEqual({ b: 6, c: 6, d: 0 });
      const two = settled([...one.slice(1), ...of('new', 'e')], 6).held;
      expect(holders(two)).toEqual({ c: 0, d: 6, e: 6 });
    });

    it('stay where they are while there are as many of each', () => {
      const old = settled(of('old', 'a'), 6).held;
      expect(holders(settled([...of('new', 'b'), ...old], 6).held)).toEqual({ a: 12, b: 0 });
    });
  });
});
