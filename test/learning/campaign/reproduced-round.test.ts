import { describe, expect, it } from 'vitest';
import type { CampaignCreated } from '../../../src/learning/campaign/campaign-events.ts';
import { reproducedRound } from '../../../src/learning/campaign/reproduced-round.ts';
import { createSnapshot, roundContents } from '../../../src/learning/campaign/round-contents.ts';
import type { RoundSnapshot } from '../../../src/learning/campaign/round-snapshot.ts';
import { freezeData } from '../../../src/learning/data/campaign-data.ts';
import { type DataReading, ON_TIME } from '../../../src/learning/data/data-reading.ts';
import type { MaterialCatalogue } from '../../../src/learning/data/material-catalogue.ts';
import { hashOf } from '../../support/campaigns.ts';
import {
  createdWith,
  DATA,
  exampleOf,
  FILES,
  featurized,
  labelledCatalogue,
  PARTITIONS,
} from '../../support/catalogues.ts';
import { finished } from '../../support/finished.ts';

const TOPICS = { features: { name: 'features' }, examples: { name: 'examples' } };
const ALL = [...Array(PARTITIONS).keys()];
const LATE = 10;

/** Forty labelled materials of a source that has ended, and more that came later, at offsets from 100. */
function catalogueWithLate(late: number): MaterialCatalogue {
  const catalogue = labelledCatalogue(40);
  for (const source of [DATA, FILES]) {
    for (const partition of ALL) {
      const end = { type: 'SourcePartitionCompleted', source, partition, count: 10, hash: hashOf('all') } as const;
      catalogue.addWatermark('features', end);
      catalogue.addWatermark('examples', end);
    }
  }
  for (let i = 0; i < late; i++) {
    const place = { partition: i % PARTITIONS, offset: 100 + i };
    const features = featurized({ id: `late${i}` });
    catalogue.addVersion(features, place);
    catalogue.addExample(exampleOf(features, { g_vrh: 50 + i, k_vrh: 90 + i }), place);
    catalogue.addVersion(featurized({ id: `late-candidate${i}` }, FILES), place);
  }
  return catalogue;
}

/** As a program opened it that read this far. */
function opened(created: CampaignCreated, catalogue: MaterialCatalogue, reading: DataReading, to: number) {
  const offsets = { features: ALL.map(() => to), examples: ALL.map(() => to) };
  const frozen = freezeData(created, catalogue, reading);
  const basis = { created, catalogue, frozen, partitions: PARTITIONS, selectedBefore: new Set<string>() };
  const contents = roundContents({ ...basis, before: offsets });
  const frame = { round: 1, pending: [], abandoned: [], featureSchema: 'test', settings: created.configHash };
  const snapshot = finished(createSnapshot(contents, { ...frame, testSet: frozen.testSet, offsets }));
  return { snapshot, frozen, contents };
}

function reproduced(created: CampaignCreated, catalogue: MaterialCatalogue, ...snapshots: RoundSnapshot[]) {
  const basis = { created, catalogue, partitions: PARTITIONS, topics: TOPICS, poolPartitions: ALL };
  return reproducedRound({ ...basis, snapshots, selectedBefore: new Set() });
}

const fromFiles = createdWith({ candidates: { from: 'files', paths: ['candidates.cif'] } }, [DATA, FILES]);

describe.each([
  ['of hidden labels', createdWith({ candidates: { from: 'data', fraction: 0.3 } })],
  ['of files', fromFiles],
])('rounds with candidates %s', (_, created) => {
  it('count nothing that came after its source had ended', () => {
    const before = opened(created, catalogueWithLate(0), ON_TIME, 100);
    const after = opened(created, catalogueWithLate(LATE), ON_TIME, 1000);
    const { offsets: _then, ...then } = before.snapshot;
    const { offsets: _now, ...now } = after.snapshot;
    expect(now).toEqual(then);
    expect(after.frozen).toEqual(before.frozen);
  });

  it('come out as recorded where they were opened with late data', () => {
    const catalogue = catalogueWithLate(LATE);
    const to = 100 + LATE / 2;
    const features = ALL.map(() => to);
    const old = opened(created, catalogue, { late: true, before: { features, examples: features } }, to);
    expect(old.frozen.kept).toBe(40 + LATE / 2);
    expect(reproduced(created, catalogue, old.snapshot).contents).toEqual(old.contents);
    expect(reproduced(created, catalogue, old.snapshot).frozen.testSet).toEqual(old.frozen.testSet);
  });

  it('keep to what an earlier round of theirs was opened with, where a process went on with it', () => {
    const catalogue = catalogueWithLate(LATE);
    const places = (to: number) => ({ features: ALL.map(() => to), examples: ALL.map(() => to) });
    const first = opened(created, catalogue, { late: true, before: places(103) }, 103);
    // The second was opened later, with the data of the first.
    const second = opened(created, catalogue, { late: true, before: places(103) }, 107);
    const found = reproduced(created, catalogue, first.snapshot, second.snapshot);
    expect([found.frozen.testSet, found.contents]).toEqual([second.frozen.testSet, second.contents]);
  });

  it('are refused where no reading gives what they were opened with', () => {
    const catalogue = catalogueWithLate(LATE);
    const { snapshot } = opened(created, catalogue, ON_TIME, 1000);
    const other = { ...snapshot, examples: { count: 7, hash: hashOf('other') } };
    expect(() => reproduced(created, catalogue, other)).toThrow('the labels of round 1 cannot be reproduced');
  });
});
