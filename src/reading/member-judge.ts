import type { CampaignState, RoundState } from '../learning/campaign/campaign-state.ts';
import type { Topics } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import { createCampaignStates } from './campaign-states.ts';
import { readingOn } from './read-to-end.ts';

/** A command to train a member, or what became of it. */
export interface OfMember {
  readonly campaign: string;
  readonly round: number;
  readonly snapshotHash: string;
  readonly member: number;
}

/** Why there is no such member; undefined where there is, and where only a newer version can tell. */
export function memberProblem(state: CampaignState, of: OfMember): string | undefined {
  const { created, rounds, newer } = state;
  if (newer !== undefined) return undefined;
  if (created === undefined) return `there is no campaign ${of.campaign}`;
  const opened = rounds.get(of.round)?.opened;
  if (opened?.snapshotHash !== of.snapshotHash) return `round ${of.round} was not opened with this snapshot`;
  const { members } = created.config.ensemble;
  return of.member < members ? undefined : `member ${of.member} is none of ${members}`;
}

export interface MemberJudge {
  /** Why there is no such member; undefined where there is. */
  problem(of: OfMember): Promise<string | undefined>;
  /** Its round, as far as it is known by then. */
  opened(of: OfMember): RoundState['opened'];
}

/**
 * Tells what members' events contradict their campaigns. A member follows from its round's opening, which stands in
 * another topic: what is not known yet is looked for at that topic's end.
 */
export function createMemberJudge(
  log: Pick<EventLogReader, 'topics' | 'endOffsets' | 'read'>,
  { campaigns }: Topics,
): MemberJudge {
  const states = createCampaignStates(campaigns);
  const readOn = readingOn(log, states);
  const problem = (of: OfMember) => memberProblem(states.state(of.campaign), of);
  return {
    async problem(of) {
      if (problem(of) === undefined) return undefined;
      await readOn();
      return problem(of);
    },
    opened: (of) => states.state(of.campaign).rounds.get(of.round)?.opened,
  };
}
