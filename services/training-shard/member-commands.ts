import { memberKey } from '../../src/learning/campaign-state.ts';
import { contentHash } from '../../src/model/content-hash.ts';
import type { InputRejected, TrainMember } from '../../src/model/events.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import type { Follower } from '../../src/runtime/follower.ts';
import type { Publisher } from '../../src/runtime/publisher.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';
import type { CampaignBook } from './campaign-book.ts';
import { type MemberTrainingParts, trainMember } from './member-training.ts';
import type { PreparedRound, RoundPreparation } from './round-preparation.ts';

export interface MemberCommandsParts {
  readonly ports: ServicePorts;
  readonly publisher: Publisher;
  readonly book: CampaignBook;
  /** Of `campaigns`. */
  readonly follower: Follower;
  readonly preparation: RoundPreparation;
  readonly training: MemberTrainingParts;
}

/** Trains the members whose commands reach this shard. */
export function startMemberCommands(parts: MemberCommandsParts): Promise<Service> {
  const { ports, publisher, book, follower, preparation, training } = parts;
  const { topics } = ports;
  const atWork = new Map<string, Promise<void>>();

  async function train({ campaign, round, snapshotHash, member }: TrainMember): Promise<void> {
    const isTrained = () => book.state(campaign).rounds.get(round)?.models.has(memberKey(snapshotHash, member));
    if (isTrained()) return;
    const prepared = await preparation.prepare(campaign, round, snapshotHash);
    if (prepared === undefined) return;
    const event = await trainMember(prepared, member, training).catch((error: unknown) => {
      if (error instanceof RejectedInput) return refusedMember(prepared, member, error);
      throw error;
    });
    if (event.type === 'InputRejected')
      ports.telemetry?.log('error', 'a member cannot be trained', { ...event.rejection });
    if (!isTrained()) await publisher.publish([{ event }]);
  }

  /** A command follows from its round's opening, which may reach this node a moment later. */
  async function awaitOpened({ campaign, round }: TrainMember): Promise<void> {
    if (book.state(campaign).rounds.get(round)?.opened) return;
    await follower.reached(topics.campaigns.name, await ports.log.endOffsets(topics.campaigns.name));
  }

  return startConsumer(ports, publisher, {
    group: 'training',
    topics: [topics.training.name],
    kind: training.engine,
    // One more than can train: the next is prepared while these are at work.
    concurrency: training.regressor.workers + 1,
    batchRecordsMax: 1,
    async handle(received) {
      for (const { event } of received) {
        if (event.type !== 'TrainMember') continue;
        await awaitOpened(event);
        const key = memberKey(event.snapshotHash, event.member);
        // The same command twice, from two partitions' worth of deliveries, is one piece of work.
        const working = atWork.get(key) ?? train(event).finally(() => atWork.delete(key));
        atWork.set(key, working);
        await working;
      }
    },
  });
}

/** Its campaign waits for somebody to look; the others, whose members this shard trains too, must not wait with it. */
function refusedMember(
  { created, snapshotHash }: PreparedRound,
  member: number,
  refusal: RejectedInput,
): InputRejected {
  const { campaign } = created;
  const { code, message } = refusal;
  const id = contentHash('rejection', ['member', campaign, snapshotHash, member]);
  const rejection = { code, message, source: `campaign ${campaign}`, locator: `member ${member}` };
  return { type: 'InputRejected', id, rejection };
}
