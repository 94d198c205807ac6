import type { GroupMember, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { placeKey } from '../delivery/place-key.ts';
import type { Delivery } from './delivery.ts';

/*
 * Invariants:
 * 1. A partition is held from before `onAssigned` is called until its last batch is handled and `onRevoked` has
 *    resolved.
 * 2. Changes run one after another. Each change first gives up partitions and then takes new ones.
 */

/** The partitions that a group member holds, and the change towards those that it should hold. */
export interface Holdings {
  held(): readonly TopicPartition[];
  /** Sets the wanted partitions. Resolves when the member holds exactly these, or those of a later call. */
  want(partitions: readonly TopicPartition[]): Promise<void>;
  /** Cancels wanted partitions that are not held yet. */
  takeNothingMore(): void;
}

export interface HoldingsParts {
  readonly delivery: Delivery;
  committed(partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]>;
  /** Called when partitions were given up and another member may take them. */
  onGivenUp(): void;
  onFailure(error: unknown): void;
  isOver(): boolean;
}

export function createHoldings(parts: HoldingsParts, member: GroupMember): Holdings {
  const held = new Map<string, TopicPartition>();
  let wanted: readonly TopicPartition[] = [];
  let changing = Promise.resolve();

  async function giveUp(): Promise<void> {
    const keep = new Set(wanted.map(placeKey));
    const lost = [...held.values()].filter((at) => !keep.has(placeKey(at)));
    if (lost.length === 0) return;
    await parts.delivery.remove(lost);
    await member.onRevoked?.(lost);
    for (const at of lost) held.delete(placeKey(at));
    parts.onGivenUp();
  }

  async function take(): Promise<void> {
    const gained = wanted.filter((at) => !held.has(placeKey(at)));
    if (gained.length === 0 || parts.isOver()) return;
    for (const at of gained) held.set(placeKey(at), at);
    const starts = await parts.committed(gained);
    await member.onAssigned?.(starts);
    if (!parts.isOver()) parts.delivery.add(starts);
  }

  return {
    held: () => [...held.values()],
    want(partitions) {
      wanted = partitions;
      changing = changing.then(giveUp).then(take).catch(parts.onFailure);
      return changing;
    },
    takeNothingMore() {
      wanted = wanted.filter((at) => held.has(placeKey(at)));
    },
  };
}
