import { type ContentHash, contentHash } from '../../model/content-hash.ts';
import { compareIds } from '../../model/id-order.ts';

/** A set on which a round depends. Its content is recomputed from the log and checked against the hash. */
export interface NamedSet {
  readonly count: number;
  readonly hash: ContentHash;
}

/** A label with the features with which it is trained. */
export interface ExampleName {
  readonly labelId: ContentHash;
  readonly featuresHash: ContentHash;
}

/** Everything on which a round depends, frozen in RoundOpened. */
export interface RoundSnapshot {
  readonly round: number;
  /** Accepted labels with their feature vectors, including the test set. */
  readonly examples: NamedSet;
  readonly testSet: NamedSet;
  /** By partition, so that a shard can check its own partitions. */
  readonly poolByPartition: readonly NamedSet[];
  readonly pending: NamedSet;
  readonly abandoned: NamedSet;
  readonly featureSchema: string;
  /** The hash of the campaign's configuration. */
  readonly settings: ContentHash;
  /**
   * Maps a topic to the next offset of each partition, up to which the round reads; for `members`: the offset from
   * which on all events of the round's own members lie. Offsets tell where the content lies, not what it is, so they
   * are not part of the snapshot's hash.
   */
  readonly offsets: Readonly<Record<string, readonly number[]>>;
  /** Labels of the reserve with their feature vectors; absent if there are none. */
  readonly reserve?: NamedSet;
}

/** Names a set of ids, whatever their order. */
export function nameIds(ids: Iterable<string>): NamedSet {
  const sorted = [...ids].sort(compareIds);
  return { count: sorted.length, hash: contentHash('ids', sorted) };
}

/** Names a set of examples, whatever their order. */
export function nameExamples(examples: Iterable<ExampleName>): NamedSet {
  const sorted = [...examples].sort((a, b) => compareIds(a.labelId, b.labelId));
  const pairs = sorted.flatMap(({ labelId, featuresHash }) => [labelId, featuresHash]);
  return { count: sorted.length, hash: contentHash('examples', pairs) };
}

export function poolSize({ poolByPartition }: RoundSnapshot): number {
  return poolByPartition.reduce((sum, { count }) => sum + count, 0);
}

/** The name of a snapshot: equal content gives an equal name, on every node and in both modes. */
export function snapshotHash(campaign: string, snapshot: RoundSnapshot): ContentHash {
  const named = ({ count, hash }: NamedSet) => [count, hash];
  const { round, examples, testSet, poolByPartition, pending, abandoned, featureSchema, settings, reserve } = snapshot;
  const fields = [
    campaign,
    round,
    named(examples),
    named(testSet),
    poolByPartition.map(named),
    named(pending),
    named(abandoned),
    featureSchema,
    settings,
  ];
  return reserve === undefined
    ? contentHash('round-snapshot', fields)
    : contentHash('round-snapshot-with-reserve', [...fields, named(reserve)]);
}
