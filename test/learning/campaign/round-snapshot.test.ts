import { describe, expect, it } from 'vitest';
import {
  nameExamples,
  nameIds,
  poolSize,
  type RoundSnapshot,
  snapshotHash,
} from '../../../src/learning/campaign/round-snapshot.ts';
import { hashOf, snapshotOf } from '../../support/campaigns.ts';

const snapshot = snapshotOf(1, ['a', 'b']);

describe('a named set', () => {
  it('does not depend on the order', () => {
    expect(nameIds(['b', '😀', '｡'])).toEqual(nameIds(['｡', 'b', '😀']));
    const examples = ['x', 'y'].map((name) => ({ labelId: hashOf(name), featuresHash: hashOf(`f${name}`) }));
    expect(nameExamples(examples.toReversed())).toEqual(nameExamples(examples));
  });

  it('tells apart which features belong to which label', () => {
    const [a, b, f, g] = ['a', 'b', 'f', 'g'].map(hashOf) as [`h1:x`, `h1:x`, `h1:x`, `h1:x`];
    const straight = [
      { labelId: a, featuresHash: f },
      { labelId: b, featuresHash: g },
    ];
    const crossed = [
      { labelId: a, featuresHash: g },
      { labelId: b, featuresHash: f },
    ];
    expect(nameExamples(straight)).not.toEqual(nameExamples(crossed));
  });
});

describe('snapshotHash', () => {
  it('names all that decides, but not where in the log it lies', () => {
    const other: Partial<RoundSnapshot>[] = [
      {},
      { round: 2 },
      { examples: nameIds(['e']) },
      { testSet: nameIds(['u']) },
      { poolByPartition: [nameIds([]), nameIds(['a', 'b'])] },
      { pending: nameIds(['p']) },
      { abandoned: nameIds(['p']) },
      { featureSchema: 'v2' },
      { settings: hashOf('other') },
      { reserve: nameIds(['r']) },
    ];
    const hashes = other.map((change) => snapshotHash('test', { ...snapshot, ...change }));
    expect(new Set(hashes).size).toBe(other.length);
    expect(snapshotHash('test', { ...snapshot, offsets: { labels: [7] } })).toBe(hashes[0]);
  });
});

it('poolSize counts all partitions', () => expect(poolSize(snapshot)).toBe(2));
