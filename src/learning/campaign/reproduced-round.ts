/*
 * Old logs contain rounds that were opened with late data, when such data still counted; they must be reproduced as
 * they were recorded. The content tells which reading a round was opened with: the first possible reading that
 * reproduces the hashes of the snapshot. Without late data there is only one reading.
 */
import { type FrozenData, freezeData } from '../data/campaign-data.ts';
import type { DataReading } from '../data/data-reading.ts';
import {
  assertReproduced,
  isReproduced,
  type RoundBasis,
  type RoundContents,
  roundContents,
} from './round-contents.ts';
import type { RoundSnapshot } from './round-snapshot.ts';

export interface OpenedRoundBasis extends Omit<RoundBasis, 'frozen' | 'before'> {
  /** The opened rounds up to the wanted one. */
  readonly snapshots: readonly RoundSnapshot[];
  /** Names of the topics in the snapshots' offsets. */
  readonly topics: { readonly features: { readonly name: string }; readonly examples: { readonly name: string } };
  /** The partitions whose candidates this node knows. */
  readonly poolPartitions: readonly number[];
  /** The frozen data of the reading without late data, if already computed. */
  readonly onTime?: FrozenData;
}

export interface ReproducedRound {
  readonly frozen: FrozenData;
  readonly contents: RoundContents;
}

/** @throws AppError `internal` if no reading reproduces the snapshot */
export function reproducedRound(basis: OpenedRoundBasis): ReproducedRound {
  const { created, catalogue, snapshots, poolPartitions } = basis;
  const snapshot = snapshots.at(-1)!;
  const before = visibleIn(snapshot, basis.topics);
  const read = (frozen: FrozenData) => ({ frozen, contents: roundContents({ ...basis, frozen, before }) });
  const onTime = read(basis.onTime ?? freezeData(created, catalogue));
  if (!catalogue.hasLate) return asserted(onTime, snapshot);
  const isIt = ({ frozen, contents }: ReproducedRound) =>
    isReproduced(snapshot, contents, frozen.testSet, poolPartitions);
  if (isIt(onTime)) return onTime;
  for (const reading of lateReadings(basis)) {
    const late = read(freezeData(created, catalogue, reading));
    if (isIt(late)) return late;
  }
  return asserted(onTime, snapshot);
}

function asserted(round: ReproducedRound, snapshot: RoundSnapshot): ReproducedRound {
  assertReproduced(snapshot, round.contents, round.frozen.testSet);
  return round;
}

/**
 * The possible readings with late data: a process froze the data when it opened its own first round, which need not be
 * the campaign's first round.
 */
function lateReadings({ snapshots, topics }: OpenedRoundBasis): DataReading[] {
  return snapshots.map((snapshot) => ({ late: true, before: visibleIn(snapshot, topics) }));
}

/** The offsets up to which data were visible when a round was opened. */
export function visibleIn(
  { offsets }: RoundSnapshot,
  { features, examples }: OpenedRoundBasis['topics'],
): NonNullable<DataReading['before']> {
  return { features: offsets[features.name] ?? [], examples: offsets[examples.name] ?? [] };
}
