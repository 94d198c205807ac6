import { describe, expect, it } from 'vitest';
import {
  assertPoolReproduced,
  assertReproduced,
  createSnapshot,
  type RoundBasis,
  type RoundContents,
  roundContents,
} from '../../../src/learning/campaign/round-contents.ts';
import { freezeData } from '../../../src/learning/data/campaign-data.ts';
import type { MaterialCatalogue } from '../../../src/learning/data/material-catalogue.ts';
import { hashOf } from '../../support/campaigns.ts';
import {
  createdWith,
  DATA,
  exampleOf,
  FILES,
  featurized,
  labelledCatalogue,
  materialName,
  PARTITIONS,
} from '../../support/catalogues.ts';
import { finished } from '../../support/finished.ts';

function basisOf(catalogue: MaterialCatalogue, created = createdWith()): RoundBasis {
  const frozen = freezeData(created, catalogue);
  return { created, frozen, catalogue, selectedBefore: new Set(), partitions: PARTITIONS };
}

const snapshotOfContents = (contents: RoundContents, { frozen }: RoundBasis) =>
  finished(
    createSnapshot(contents, {
      ...{ round: 1, testSet: frozen.testSet, pending: [], abandoned: [] },
      ...{ featureSchema: 's', settings: hashOf('c'), offsets: {} },
    }),
  );

const idsOf = (rows: readonly { facts: { materialId: string } }[]) => rows.map(({ facts }) => facts.materialId);

describe('roundContents', () => {
  const basis = basisOf(labelledCatalogue(40));
  const { hidden, testSet } = basis.frozen;

  it('divides what is labelled into training, test and hidden candidates', () => {
    const { examples, training, test, pool } = roundContents(basis);
    expect(new Set(idsOf(test))).toEqual(testSet);
    expect(new Set(idsOf(pool.flat()))).toEqual(hidden);
    expect(idsOf([...training, ...test, ...pool.flat()]).sort()).toEqual(
      Array.from({ length: 40 }, (_, i) => materialName(i)),
    );
    expect(idsOf(examples)).toEqual(idsOf(examples).toSorted());
    for (const [partition, candidates] of pool.entries()) {
      expect(candidates.every((candidate) => candidate.partition === partition)).toBe(true);
    }
  });

  it('knows what hidden labels will say', () => {
    const [candidate] = roundContents(basis).pool.flat();
    const i = Number(candidate!.facts.materialId.slice(1));
    expect(candidate!.truth).toEqual({ g_vrh: 10 + i, k_vrh: 20 + 2 * i });
  });

  it('trains on a hidden label once the campaign has revealed it, and never chooses it again', () => {
    const catalogue = labelledCatalogue(40);
    const fresh = basisOf(catalogue);
    const [id] = fresh.frozen.hidden;
    const features = featurized({ id: id! });
    const own = { labelSet: 'campaign:test', method: { kind: 'replay' } } as const;
    catalogue.addExample(exampleOf(features, { g_vrh: 5, k_vrh: 6 }, own, 'campaign:test'), {
      partition: 2,
      offset: 70,
    });
    const { training, pool } = roundContents(fresh);
    expect(training.find(({ facts }) => facts.materialId === id)?.label.values).toEqual({ g_vrh: 5, k_vrh: 6 });
    expect(idsOf(pool.flat())).not.toContain(id);
    // A round that was opened before does not see it.
    const before = roundContents({ ...fresh, before: { examples: [99, 99, 70, 99] } });
    expect(idsOf(before.training)).not.toContain(id);
    expect(idsOf(before.pool.flat())).toContain(id);
  });

  it('keeps the reserve out of the pool and out of training, whoever labels it', () => {
    const catalogue = labelledCatalogue(40);
    const without = basisOf(catalogue);
    const reserved = basisOf(catalogue, createdWith({ reserve: { count: 3 } }));
    const reserve = [...reserved.frozen.reserve];
    expect(reserve).toHaveLength(3);
    expect(new Set([...reserved.frozen.hidden, ...reserve])).toEqual(without.frozen.hidden);
    expect(reserved.frozen.testSet).toEqual(without.frozen.testSet);
    const before = { examples: [10, 10, 10, 10] };
    const told = { labelSet: 'campaign:test', method: { kind: 'dft' } } as const;
    const features = featurized({ id: reserve[0]! });
    catalogue.addExample(exampleOf(features, { g_vrh: 5, k_vrh: 6 }, told, 'campaign:test'), {
      partition: 2,
      offset: 70,
    });
    const contents = roundContents(reserved);
    expect(idsOf(contents.reserve)).toEqual(reserve.toSorted());
    expect(idsOf([...contents.examples, ...contents.pool.flat()])).not.toEqual(
      expect.arrayContaining([expect.toBeOneOf(reserve)]),
    );
    expect(idsOf(contents.training)).toEqual(idsOf(roundContents({ ...without, before }).training));
    expect(contents.reserve.find(({ facts }) => facts.materialId === reserve[0])?.label.values.g_vrh).toBe(5);
    const snapshot = snapshotOfContents(contents, reserved);
    expect(snapshot.reserve?.count).toBe(3);
    expect(() => assertReproduced(snapshot, contents, reserved.frozen.testSet)).not.toThrow();
    const { reserve: _, ...forgotten } = snapshot;
    expect(() => assertReproduced(forgotten, contents, reserved.frozen.testSet)).toThrow(/the reserve of round 1/);
  });

  it('takes the reserve from the labelled materials where candidates are files', () => {
    const files = { candidates: { from: 'files', paths: ['candidates.cif'] }, reserve: { count: 4 } } as const;
    const basis = basisOf(labelledCatalogue(40), createdWith(files, [DATA, FILES]));
    const { training, test, reserve } = roundContents(basis);
    expect([training.length + test.length, reserve.length]).toEqual([36, 4]);
  });

  it('lets nothing that is told of the test set into training, and none of its truths be changed', () => {
    const catalogue = labelledCatalogue(40);
    const fresh = basisOf(catalogue);
    const [id] = fresh.frozen.testSet;
    const before = roundContents(fresh);
    const own = { labelSet: 'campaign:test', method: { kind: 'dft' }, provenance: 'told:a' } as const;
    const told = exampleOf(featurized({ id: id! }), { g_vrh: 5, k_vrh: 6 }, own, 'campaign:test');
    catalogue.addExample(told, { partition: 2, offset: 70 });
    expect(roundContents(fresh)).toEqual(before);
    expect(freezeData(createdWith(), catalogue).testSet).toEqual(fresh.frozen.testSet);
  });

  it('never chooses again what was selected, whatever became of it', () => {
    const [id] = hidden;
    const { pool, training } = roundContents({ ...basis, selectedBefore: new Set([id!]) });
    expect(idsOf(pool.flat())).not.toContain(id);
    expect(idsOf(training)).not.toContain(id);
  });

  it('takes candidates from files, one version each, without those that are labelled', () => {
    const catalogue = labelledCatalogue(10);
    const versions = ['a', 'b'].map((version) => featurized({ id: 'new', version }, FILES));
    for (const [offset, version] of versions.entries())
      catalogue.addVersion(version, { partition: 1, offset: 40 + offset });
    catalogue.addVersion(featurized({ id: materialName(3) }, FILES), { partition: 3, offset: 40 });
    const created = createdWith({ candidates: { from: 'files', paths: ['candidates.cif'] } }, [DATA, FILES]);
    const { pool } = roundContents(basisOf(catalogue, created));
    expect(idsOf(pool.flat())).toEqual(['new']);
    const hashes = versions.map(({ facts }) => facts.materialHash).sort();
    expect(pool[1]![0]!.facts.materialHash).toBe(hashes[0]);
    expect(pool[1]![0]!.truth).toBeUndefined();
  });
});

describe('a snapshot', () => {
  const basis = basisOf(labelledCatalogue(40));
  const contents = roundContents(basis);
  const { testSet } = basis.frozen;
  const all = [...Array(PARTITIONS).keys()];
  const frame = {
    round: 1,
    testSet,
    pending: [],
    abandoned: [],
    featureSchema: 's',
    settings: hashOf('c'),
    offsets: {},
  };
  const snapshot = finished(createSnapshot(contents, frame));
  const check = (found: RoundContents, test: typeof testSet, partitions: readonly number[]) => {
    assertReproduced(snapshot, found, test);
    return [...assertPoolReproduced(snapshot, found, partitions)];
  };

  it('is reproduced from equal contents', () => {
    expect(() => check(roundContents(basis), testSet, all)).not.toThrow();
  });

  it.each([
    ['the labels of round 1', { ...contents, examples: contents.examples.slice(1) }, testSet],
    ['the test set of round 1', contents, new Set([...testSet].slice(1))],
    ['the pool in partition', { ...contents, pool: contents.pool.map((candidates) => candidates.slice(1)) }, testSet],
  ])('is not from others: %s', (message, other, test) => {
    expect(() => check(other, test, all)).toThrow(message);
  });

  it('does not ask for partitions that a shard does not hold', () => {
    const empty = { ...contents, pool: contents.pool.map(() => []) };
    expect(() => check(empty, testSet, [])).not.toThrow();
  });

  it('names candidates with their features', () => {
    const other = contents.pool.map((candidates) => candidates.map((c) => ({ ...c, featuresHash: hashOf('other') })));
    const filled = contents.pool.findIndex((candidates) => candidates.length > 0);
    expect(() => check({ ...contents, pool: other }, testSet, [filled])).toThrow('pool');
  });
});
