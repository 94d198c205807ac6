import { AppError } from '../model/app-error.ts';
import { type ContentHash, contentHash } from '../model/content-hash.ts';
import type { LabelContent } from '../model/label.ts';
import type { MaterialId } from '../model/material-id.ts';
import {
  acceptedExample,
  campaignLabelSet,
  candidateVersions,
  type FrozenData,
  filterReason,
  refusalReason,
} from './campaign-data.ts';
import type { CampaignCreated } from './campaign-events.ts';
import type { EventPlace, Example, MaterialCatalogue, MaterialVersion } from './material-catalogue.ts';
import { type ExampleName, nameExamples, nameIds, type RoundSnapshot } from './round-snapshot.ts';

/** A candidate of a round, and what its label will say where that is known and hidden. */
export interface PoolCandidate extends MaterialVersion {
  readonly truth?: LabelContent['values'];
}

/** What a round's snapshot names. Everything ascends by material id. */
export interface RoundContents {
  /** Accepted labels with their features, test set included. */
  readonly examples: readonly Example[];
  /** Those outside the test set. */
  readonly training: readonly Example[];
  readonly test: readonly Example[];
  /** By partition. */
  readonly pool: readonly (readonly PoolCandidate[])[];
}

export interface RoundBasis {
  readonly created: CampaignCreated;
  readonly frozen: FrozenData;
  readonly catalogue: MaterialCatalogue;
  /** What the campaign has selected in earlier rounds, whatever became of it. */
  readonly selectedBefore: ReadonlySet<string>;
  readonly partitions: number;
  /** Per partition of `examples` the offset up to which labels are visible; all where absent. */
  readonly examplesBefore?: readonly number[];
}

/** The contents of a round; a node that holds some partitions only knows the pool of these. */
export function roundContents(basis: RoundBasis): RoundContents {
  const { created, frozen, catalogue, examplesBefore } = basis;
  const { config, campaign } = created;
  const own = [{ labelSet: campaignLabelSet(campaign) }];
  const visible = ({ partition, offset }: EventPlace) => offset < (examplesBefore?.[partition] ?? Infinity);
  const examples: Example[] = [];
  const hiddenCandidates: PoolCandidate[] = [];
  const labelled = new Set<MaterialId>();
  for (const [id, all] of catalogue.examples()) {
    const seen = all.filter(visible);
    const hidden = frozen.hidden.has(id);
    const example = acceptedExample(seen, hidden ? own : [...own, ...config.labels]);
    const usable = example !== undefined && filterReason(example, config) === undefined;
    if (usable) {
      examples.push(example);
      labelled.add(id);
    } else if (hidden) {
      const truth = acceptedExample(seen, config.labels);
      if (truth !== undefined) hiddenCandidates.push({ ...truth, truth: truth.label.values });
    }
  }
  const universe = config.candidates.from === 'data' ? hiddenCandidates : openCandidates(basis);
  const pool: PoolCandidate[][] = Array.from({ length: basis.partitions }, () => []);
  for (const candidate of universe) {
    const { materialId } = candidate.facts;
    if (labelled.has(materialId) || basis.selectedBefore.has(materialId) || frozen.testSet.has(materialId)) continue;
    pool[candidate.partition]!.push(candidate);
  }
  const inTest = ({ facts }: Example) => frozen.testSet.has(facts.materialId);
  return {
    examples,
    training: examples.filter((example) => !inTest(example)),
    test: examples.filter(inTest),
    pool,
  };
}

function openCandidates({ created: { config, sources }, frozen, catalogue }: RoundBasis): PoolCandidate[] {
  const versions = candidateVersions(config, sources, catalogue);
  return versions.filter((version) => refusalReason(version, config, frozen.lowest) === undefined);
}

export interface SnapshotFrame {
  readonly round: number;
  readonly testSet: ReadonlySet<MaterialId>;
  readonly pending: readonly string[];
  readonly abandoned: readonly string[];
  readonly featureSchema: string;
  readonly settings: ContentHash;
  readonly offsets: RoundSnapshot['offsets'];
}

export function createSnapshot(contents: RoundContents, frame: SnapshotFrame): RoundSnapshot {
  return {
    round: frame.round,
    examples: nameExamples(contents.examples.map(exampleName)),
    testSet: nameIds(frame.testSet),
    poolByPartition: contents.pool.map((partition) => nameIds(partition.map(poolName))),
    pending: nameIds(frame.pending),
    abandoned: nameIds(frame.abandoned),
    featureSchema: frame.featureSchema,
    settings: frame.settings,
    offsets: frame.offsets,
  };
}

/**
 * Makes sure that what this node found is what the round was opened with.
 * @throws AppError `internal` that names what differs: an answer from other data would be silently wrong
 */
export function assertReproduced(
  snapshot: RoundSnapshot,
  contents: RoundContents,
  testSet: ReadonlySet<MaterialId>,
  partitions: readonly number[],
): void {
  const check = (
    what: string,
    found: { hash: ContentHash; count: number },
    wanted: { hash: ContentHash; count: number },
  ) => {
    if (found.hash === wanted.hash) return;
    const counts = `${found.count} here, ${wanted.count} in the snapshot`;
    throw new AppError('internal', `${what} of round ${snapshot.round} cannot be reproduced (${counts})`);
  };
  check('the labels', nameExamples(contents.examples.map(exampleName)), snapshot.examples);
  check('the test set', nameIds(testSet), snapshot.testSet);
  for (const partition of partitions) {
    const found = nameIds(contents.pool[partition]!.map(poolName));
    check(`the pool in partition ${partition}`, found, snapshot.poolByPartition[partition]!);
  }
}

function exampleName({ label, featuresHash }: Example): ExampleName {
  return { labelId: label.id, featuresHash };
}

/** A candidate is named with its features, so that nobody scores another version of it. */
function poolName({ facts, featuresHash }: PoolCandidate): string {
  return contentHash('candidate', [facts.materialId, featuresHash]);
}
