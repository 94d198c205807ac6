import type { StartOffset } from '../../ports/event-log.ts';
import type { GroupProtocol, Seat } from './group-protocol.ts';
import { brokerErrorType, isFinal, kafkaFailure } from './kafka-failure.ts';
import type { Membership } from './membership.ts';
import { pause } from './retried.ts';
import type { Timing } from './timing.ts';

/*
 * Invariant: a member that the coordinator has removed commits nothing more for the partitions that it held, and does
 * not wait for such a commit. The commit would wait for the next seat, and the next seat would wait for the commit.
 */

/** Commits offsets under a member's seat, across rebalances and lost connections. */
export interface MemberCommits {
  /** Resolves when the offset is committed, or when this member cannot commit it any more. */
  commit(at: StartOffset): Promise<void>;
  /** The member is leaving: its last commits have a time limit. */
  leave(): void;
}

export interface MemberCommitsParts {
  readonly protocol: GroupProtocol;
  readonly group: string;
  readonly timing: Timing;
  membership(): Membership;
}

/** Time limit for the last commits of a member that leaves while no coordinator answers. */
const LAST_COMMITS_MS_MAX = 10_000;

export function createMemberCommits({ protocol, group, timing, membership }: MemberCommitsParts): MemberCommits {
  let leavingSince: number | undefined;

  async function commit(at: StartOffset): Promise<void> {
    const member = membership();
    const life = member.life();
    let broken: Seat | undefined;
    for (let attempt = 0; life !== undefined && life === member.life() && !member.isOver(); attempt++) {
      const seat = member.seat();
      try {
        if (seat && seat !== broken) return await protocol.commit(seat, at);
      } catch (error) {
        if (isFinal(error)) throw kafkaFailure(error, `committing for group ${group}`);
        // The connection was lost. kafkajs would open one connection per waiting request and leave all but one open. So
        // the old seat is not used again, and the member joins again.
        if (brokerErrorType(error) === '') broken = seat;
        if (broken && broken === member.seat()) member.joinAgain();
      }
      // A rebalance is under way or no coordinator answers: retry after a pause.
      if (leavingSince !== undefined && timing.now() - leavingSince > LAST_COMMITS_MS_MAX) return;
      await pause(Math.min(attempt, 3), undefined, timing);
    }
  }

  return {
    commit,
    leave() {
      leavingSince = timing.now();
    },
  };
}
