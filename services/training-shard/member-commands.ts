import { memberKey } from '../../src/learning/campaign/campaign-state.ts';
import { contentHash } from '../../src/model/content-hash.ts';
import type { InputRejected, MemberFailed, TrainMember } from '../../src/model/events.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import type { CampaignStates } from '../../src/reading/campaign-states.ts';
import type { Following } from '../../src/reading/follow.ts';
import { memberProblem } from '../../src/reading/member-judge.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { refusedAt } from '../../src/runtime/decode-records.ts';
import type { Publisher } from '../../src/runtime/publisher.ts';
import { isOurs } from '../../src/runtime/retry.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';
import { type MemberTrainingParts, trainMember } from './member-training.ts';
import type { RoundPreparation } from './round-preparation.ts';

export interface MemberCommandsParts {
  readonly ports: ServicePorts;
  readonly publisher: Publisher;
  readonly states: CampaignStates;
  /** Of `campaigns`. */
  readonly following: Pick<Following, 'caughtUp'>;
  readonly preparation: RoundPreparation;
  readonly training: MemberTrainingParts;
}

/** Trains the members whose commands reach this shard; where that fails for good, their campaign is told. */
export function startMemberCommands(parts: MemberCommandsParts): Promise<Service> {
  const { ports, publisher, states, following, preparation, training } = parts;
  const { topics } = ports;
  const atWork = new Map<string, Promise<void>>();

  async function train({ campaign, round, snapshotHash, member }: TrainMember): Promise<void> {
    const isTrained = () => {
      const { rounds, stopped } = states.state(campaign);
      const { models, selected } = rounds.get(round) ?? {};
      // The models of a round that is over are not known any more, and nobody waits for them.
      return stopped !== undefined || selected !== undefined || models?.has(memberKey(snapshotHash, member));
    };
    if (isTrained()) return;
    const prepared = await preparation.prepare(campaign, round, snapshotHash);
    if (prepared === undefined) return;
    const event = await trainMember(prepared, member, training);
    if (!isTrained()) await publisher.publish([{ event }]);
  }

  /** One campaign's failure must not end the shard, which trains for others; and it must be known where it is seen. */
  async function trainOrTell(command: TrainMember): Promise<void> {
    try {
      await train(command);
    } catch (error) {
      if (isOurs(error)) throw error;
      const { campaign, round, member } = command;
      ports.telemetry?.log('error', 'a member cannot be trained', { campaign, round, member, err: error });
      ports.telemetry?.memberFailed();
      if (error instanceof RejectedInput) await publisher.publish([{ event: refusedMember(command, error) }]);
      await publisher.publish([{ event: memberFailed(command, error) }]);
    }
  }

  /** A command follows from its round's opening, which may reach this node a moment later. */
  async function awaitOpened({ campaign, round }: TrainMember): Promise<void> {
    if (states.state(campaign).rounds.get(round)?.opened) return;
    await following.caughtUp(topics.campaigns.name);
  }

  return startConsumer(ports, publisher, {
    group: 'training',
    topics: [topics.training.name],
    kind: training.engine,
    // One more than can train: the next is prepared while these are at work.
    concurrency: training.regressor.workers + 1,
    batchRecordsMax: 1,
    async handle(received, _, refuse) {
      for (const { event, ...place } of received) {
        if (event.type !== 'TrainMember') continue;
        await awaitOpened(event);
        const problem = memberProblem(states.state(event.campaign), event);
        if (problem !== undefined) {
          refuse(refusedAt(place, { code: 'bad_message', message: `TrainMember means nothing here: ${problem}` }));
          continue;
        }
        const key = memberKey(event.snapshotHash, event.member);
        // The same command twice, from two partitions' worth of deliveries, is one piece of work.
        const working = atWork.get(key) ?? trainOrTell(event).finally(() => atWork.delete(key));
        atWork.set(key, working);
        await working;
      }
    },
  });
}

const REASON_CHARACTERS_MAX = 1000;

function memberFailed(command: TrainMember, error: unknown): MemberFailed {
  const { round, member } = command;
  const reason = `member ${member} of round ${round} cannot be trained: ${(error as Error).message}`;
  return { ...command, type: 'MemberFailed', reason: reason.slice(0, REASON_CHARACTERS_MAX).toWellFormed() };
}

function refusedMember({ campaign, snapshotHash, member }: TrainMember, refusal: RejectedInput): InputRejected {
  const { code, message } = refusal;
  const id = contentHash('rejection', ['member', campaign, snapshotHash, member]);
  const rejection = { code, message, source: `campaign ${campaign}`, locator: `member ${member}` };
  return { type: 'InputRejected', id, rejection };
}
