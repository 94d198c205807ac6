import type { GroupMember, StartOffset, TopicPartition } from '../../ports/event-log.ts';
import { placeKey } from '../delivery/place-key.ts';
import type { Delivery } from './delivery.ts';

/*
 * Invariants:
 * 1. A partition is held from before `onAssigned` is asked until after `onRevoked` has resolved, its last batch handled.
 * 2. Partitions are given up and taken one change after another, and given up before any is taken.
 */

/** The partitions that a member of a group holds, on the way to those that it should. */
export interface Holdings {
  held(): readonly TopicPartition[];
  /** Resolves when exactly these are held, or what was wanted since. */
  want(partitions: readonly TopicPartition[]): Promise<void>;
  /** Takes nothing more of what was wanted. */
  takeNothingMore(): void;
}

export interface HoldingsParts {
  readonly delivery: Delivery;
  committed(partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]>;
  /** Something was given up that another may now have. */
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
