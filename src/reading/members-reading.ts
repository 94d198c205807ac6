import type { CampaignState } from '../learning/campaign/campaign-state.ts';
import { currentRound } from '../learning/campaign/campaign-step.ts';
import type { Topic } from '../model/topics.ts';
import type { Received } from '../runtime/decode-records.ts';
import type { CampaignStates } from './campaign-states.ts';
import type { OpenedRound } from './trained-members.ts';

/*
 * `members` grows with every round, by held-out predictions that only exports ask for, so it is not read whole at each
 * start. A round's snapshot notes how far its writer had read the topic: what is said of the round's members stands
 * there or above, since all of it follows from the round's opening.
 *
 * Invariant: of a member's events only those of rounds whose first event is read here count. The first model of a member
 * may stand below, and a later one must not take its place.
 */

/** Per partition, where events of a round's members begin at the earliest; undefined where its writer did not note it. */
export function membersBegin({ snapshot }: OpenedRound, { name }: Topic): readonly number[] | undefined {
  return snapshot.offsets[name];
}

/** What of `members` a process reads that follows the rounds that are being trained. */
export interface MembersReading {
  readonly topic: Topic;
  /**
   * Where to begin, once the campaigns' streams have been read.
   * @param ends the topic's, asked for before that: what comes later may belong to rounds that are not known yet
   */
  from(ends: readonly number[]): readonly number[];
  /** Whether what is said of this round's members in this partition is read from its beginning. */
  isWhole(opened: OpenedRound, partition: number): boolean;
  /** Whether an event counts, of whatever type. */
  counts(received: Received): boolean;
}

export function createMembersReading(
  topic: Topic,
  { names, state }: Pick<CampaignStates, 'names' | 'state'>,
): MembersReading {
  let start: readonly number[] = [];
  /** By snapshot: what is opened after the start is read from its beginning, whatever a writer that lags has noted. */
  const openedBefore = new Set<string>();
  const isWhole = ({ snapshot, snapshotHash }: OpenedRound, partition: number) =>
    !openedBefore.has(snapshotHash) || (snapshot.offsets[topic.name]?.[partition] ?? 0) >= start[partition]!;
  return {
    topic,
    isWhole,
    from(ends) {
      const states = names().map(state);
      const begins = states.flatMap((one) => trainedNow(one) ?? []).map((opened) => membersBegin(opened, topic));
      start = ends.map((end, partition) => Math.min(end, ...begins.map((begin) => begin?.[partition] ?? 0)));
      for (const { rounds } of states) {
        for (const { opened } of rounds.values()) if (opened) openedBefore.add(opened.snapshotHash);
      }
      return start;
    },
    counts({ event, partition }) {
      if (event.type !== 'MemberTrained' && event.type !== 'MemberFailed') return true;
      const { opened } = state(event.campaign).rounds.get(event.round) ?? {};
      return opened?.snapshotHash !== event.snapshotHash || isWhole(opened, partition);
    },
  };
}

/** The round whose models somebody waits for. */
function trainedNow(state: CampaignState): OpenedRound | undefined {
  const round = state.rounds.get(currentRound(state));
  return state.stopped === undefined && round?.selected === undefined ? round?.opened : undefined;
}
