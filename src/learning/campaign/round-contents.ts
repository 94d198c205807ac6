import { AppError } from '../../model/app-error.ts';
import { type ContentHash, contentHash } from '../../model/content-hash.ts';
import type { LabelContent } from '../../model/label.ts';
import type { MaterialId } from '../../model/material-id.ts';
import {
  acceptedExample,
  campaignLabelSet,
  candidateVersions,
  type FrozenData,
  filterReason,
  refusalReason,
} from '../data/campaign-data.ts';
import { counts, type DataReading } from '../data/data-reading.ts';
import type { Example, MaterialCatalogue, MaterialVersion } from '../data/material-catalogue.ts';
import type { CampaignCreated } from './campaign-events.ts';
import { type ExampleName, type NamedSet, nameExamples, nameIds, type RoundSnapshot } from './round-snapshot.ts';

/** A candidate of a round, with the values of its label if they are known and hidden. */
export interface PoolCandidate extends MaterialVersion {
  readonly truth?: LabelContent['values'];
}

/** The content that a round's snapshot names. All lists ascend by material id. */
export interface RoundContents {
  /** Accepted labels with their features, including the test set. */
  readonly examples: readonly Example[];
  /** The examples outside the test set. */
  readonly training: readonly Example[];
  readonly test: readonly Example[];
  /** The labels of the reserve, whoever gave them; they are not among `examples` and never train. */
  readonly reserve: readonly Example[];
  /** By partition. */
  readonly pool: readonly (readonly PoolCandidate[])[];
}

export interface RoundBasis {
  readonly created: CampaignCreated;
  readonly frozen: FrozenData;
  readonly catalogue: MaterialCatalogue;
  /** The materials that the campaign has selected in earlier rounds, whatever their outcome. */
  readonly selectedBefore: ReadonlySet<string>;
  readonly partitions: number;
  /** The offsets, per partition of each topic, up to which data are visible; all data if absent. */
  readonly before?: DataReading['before'];
}

/** The contents of a round; a node that holds only some partitions knows only their part of the pool. */
export function roundContents(basis: RoundBasis): RoundContents {
  const { created, frozen, catalogue } = basis;
  const { config, campaign } = created;
  const own = [{ labelSet: campaignLabelSet(campaign) }];
  const reading = readingOf(basis);
  const examples: Example[] = [];
  const reserve: Example[] = [];
  const hiddenCandidates: PoolCandidate[] = [];
  const labelled = new Set<MaterialId>();
  for (const [id, all] of catalogue.examples()) {
    const seen = all.filter((example) => counts(reading, 'examples', example));
    const hidden = frozen.hidden.has(id);
    // What is told of the test set's materials changes none of its truths.
    const others = frozen.testSet.has(id) ? config.labels : [...own, ...config.labels];
    const example = acceptedExample(seen, hidden ? own : others);
    const usable = example !== undefined && filterReason(example, config) === undefined;
    if (frozen.reserve.has(id)) {
      if (usable) reserve.push(example);
    } else if (usable) {
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
    if (labelled.has(materialId) || basis.selectedBefore.has(materialId)) continue;
    if (frozen.testSet.has(materialId) || frozen.reserve.has(materialId)) continue;
    pool[candidate.partition]!.push(candidate);
  }
  const inTest = ({ facts }: Example) => frozen.testSet.has(facts.materialId);
  return {
    examples,
    training: examples.filter((example) => !inTest(example)),
    test: examples.filter(inTest),
    reserve,
    pool,
  };
}

/** The frozen data of an old log may be those of an earlier round; data that arrive later are read as of this round. */
function readingOf({ frozen: { reading }, before }: RoundBasis): DataReading {
  return { late: reading.late, ...(before && { before }) };
}

function openCandidates(basis: RoundBasis): PoolCandidate[] {
  const { created, frozen, catalogue } = basis;
  const { config, sources } = created;
  const versions = candidateVersions(config, sources, catalogue, readingOf(basis));
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

/** Runs in steps between which other work can be done: naming a million candidates takes seconds. */
export function* createSnapshot(contents: RoundContents, frame: SnapshotFrame): Generator<void, RoundSnapshot> {
  const poolByPartition: NamedSet[] = [];
  for (const partition of contents.pool) {
    poolByPartition.push(nameIds(partition.map(poolName)));
    yield;
  }
  return {
    round: frame.round,
    examples: nameExamples(contents.examples.map(exampleName)),
    testSet: nameIds(frame.testSet),
    poolByPartition,
    pending: nameIds(frame.pending),
    abandoned: nameIds(frame.abandoned),
    featureSchema: frame.featureSchema,
    settings: frame.settings,
    offsets: frame.offsets,
    ...(contents.reserve.length > 0 && { reserve: nameExamples(contents.reserve.map(exampleName)) }),
  };
}

/**
 * Asserts that this node found the same labels with which the round was opened.
 * @throws AppError `internal` that names the difference: an answer from other data would be silently wrong
 */
export function assertReproduced(
  { round, examples, testSet: inTest, reserve = NO_EXAMPLES }: RoundSnapshot,
  contents: RoundContents,
  testSet: ReadonlySet<MaterialId>,
): void {
  assertSame('the labels', round, nameExamples(contents.examples.map(exampleName)), examples);
  assertSame('the test set', round, nameIds(testSet), inTest);
  assertSame('the reserve', round, nameExamples(contents.reserve.map(exampleName)), reserve);
}

/** Asserts the same for the candidates of these partitions, in steps between which other work can be done. */
export function* assertPoolReproduced(
  { round, poolByPartition }: RoundSnapshot,
  { pool }: RoundContents,
  partitions: readonly number[],
): Generator<void, void> {
  for (const partition of partitions) {
    const names: string[] = [];
    for (const candidate of pool[partition]!) {
      names.push(poolName(candidate));
      if (names.length % NAMED_PER_STEP === 0) yield;
    }
    assertSame(`the pool in partition ${partition}`, round, nameIds(names), poolByPartition[partition]!);
    yield;
  }
}

/** About 10 ms. */
const NAMED_PER_STEP = 2048;

/** A snapshot without a reserve. */
const NO_EXAMPLES = nameExamples([]);

/** Whether labels, test set, reserve and, in these partitions, candidates are those with which the round was opened. */
export function isReproduced(
  snapshot: RoundSnapshot,
  contents: RoundContents,
  testSet: ReadonlySet<MaterialId>,
  partitions: readonly number[],
): boolean {
  const isSame = (found: NamedSet, wanted: NamedSet) => found.hash === wanted.hash;
  return (
    isSame(nameExamples(contents.examples.map(exampleName)), snapshot.examples) &&
    isSame(nameIds(testSet), snapshot.testSet) &&
    isSame(nameExamples(contents.reserve.map(exampleName)), snapshot.reserve ?? NO_EXAMPLES) &&
    partitions.every((of) => isSame(nameIds(contents.pool[of]!.map(poolName)), snapshot.poolByPartition[of]!))
  );
}

function assertSame(what: string, round: number, found: NamedSet, wanted: NamedSet): void {
  if (found.hash === wanted.hash) return;
  const counts = `${found.count} here, ${wanted.count} in the snapshot`;
  throw new AppError('internal', `${what} of round ${round} cannot be reproduced (${counts})`);
}

function exampleName({ label, featuresHash }: Example): ExampleName {
  return { labelId: label.id, featuresHash };
}

const poolNames = new WeakMap<PoolCandidate, string>();

/** A candidate's name includes its features, so that nobody scores another version. Cached, because a pool is large. */
function poolName(candidate: PoolCandidate): string {
  const known = poolNames.get(candidate);
  if (known !== undefined) return known;
  const name = contentHash('candidate', [candidate.facts.materialId, candidate.featuresHash]);
  poolNames.set(candidate, name);
  return name;
}
