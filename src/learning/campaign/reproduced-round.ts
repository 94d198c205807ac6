/*
 * Rounds were opened with late data, while they still counted, and must come out of the log as they are recorded. Which
 * reading a round was opened with is told by its content: of those that can be, it is the first one that reproduces the
 * hashes of the snapshot. Without late data there is only one.
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
  /** The opened rounds, up to the one that is wanted. */
  readonly snapshots: readonly RoundSnapshot[];
  /** Names of the topics in the snapshots' offsets. */
  readonly topics: { readonly features: { readonly name: string }; readonly examples: { readonly name: string } };
  /** Those whose candidates this node knows. */
  readonly poolPartitions: readonly number[];
  /** What is frozen of what came on time, where it is known. */
  readonly onTime?: FrozenData;
}

export interface ReproducedRound {
  readonly frozen: FrozenData;
  readonly contents: RoundContents;
}

/** @throws AppError `internal` where no reading gives what the round was opened with */
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

/** A process froze a campaign's data when it opened its first round, which need not have been the campaign's. */
function lateReadings({ snapshots, topics }: OpenedRoundBasis): DataReading[] {
  return snapshots.map((snapshot) => ({ late: true, before: visibleIn(snapshot, topics) }));
}

/** What was there when a round was opened. */
export function visibleIn(
  { offsets }: RoundSnapshot,
  { features, examples }: OpenedRoundBasis['topics'],
): NonNullable<DataReading['before']> {
  return { features: offsets[features.name] ?? [], examples: offsets[examples.name] ?? [] };
}
