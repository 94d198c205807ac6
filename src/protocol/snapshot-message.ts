import type { NamedSet, RoundSnapshot } from '../learning/campaign/round-snapshot.ts';
import { badMessage } from './bad-message.ts';
import { hashField, nameField, requiredField } from './checked-field.ts';
import type * as wire from './generated/elastream/v1/campaign.generated.ts';

export function toSnapshotMessage(snapshot: RoundSnapshot): wire.RoundSnapshot {
  const offsets = Object.entries(snapshot.offsets).map(([topic, next]) => ({ topic, next }));
  return { ...snapshot, offsets, reserve: snapshot.reserve };
}

export function fromSnapshotMessage(message: wire.RoundSnapshot, field: string): RoundSnapshot {
  const offsets = message.offsets.map(({ topic, next }) => [topic, next] as const);
  if (new Set(message.offsets.map(({ topic }) => topic)).size < offsets.length) {
    throw badMessage(`${field}.offsets`, 'name a topic twice');
  }
  return {
    round: message.round,
    examples: fromSetMessage(message.examples, `${field}.examples`),
    testSet: fromSetMessage(message.testSet, `${field}.test_set`),
    poolByPartition: message.poolByPartition.map((set) => fromSetMessage(set, `${field}.pool_by_partition`)),
    pending: fromSetMessage(message.pending, `${field}.pending`),
    abandoned: fromSetMessage(message.abandoned, `${field}.abandoned`),
    featureSchema: nameField(message.featureSchema, `${field}.feature_schema`),
    settings: hashField(message.settings, `${field}.settings`),
    offsets: Object.fromEntries(offsets),
    ...(message.reserve && { reserve: fromSetMessage(message.reserve, `${field}.reserve`) }),
  };
}

function fromSetMessage(message: wire.NamedSet | undefined, field: string): NamedSet {
  const { count, hash } = requiredField(message, field);
  return { count, hash: hashField(hash, `${field}.hash`) };
}
