import { createEnding } from '../../../src/adapters/delivery/ending.ts';
import { placeKey } from '../../../src/adapters/delivery/place-key.ts';
import { createDelivery, type Delivery, type Feed } from '../../../src/adapters/lmdb/delivery.ts';
import type { Consumer, EventBatch, Follower, GroupMember, StartOffset } from '../../../src/ports/event-log.ts';
import type { Life } from './life.ts';
import type { Surroundings } from './surroundings.ts';

/** A member of a group, as its group sees it. */
export interface SimulatedMember {
  readonly life: Life;
  readonly options: GroupMember;
  readonly ending: ReturnType<typeof createEnding>;
  /** Its running handlers, including those for partitions that it has lost meanwhile. */
  readonly atWork: ReadonlySet<Promise<void>>;
  /** Partitions whose progress is not committed until they are assigned again. */
  readonly stale: Set<string>;
  /** Resolves when it is abandoned. */
  readonly gone: Promise<void>;
  readonly abandoned: () => boolean;
  /** Ends it without waiting for its handlers, like a crash. */
  abandon(): void;
  /** Forgets its assignments: nothing more is delivered or committed for them. Its running handlers do not notice. */
  cutOff(): void;
  delivery: Delivery;
  /** Whether it stopped, failed or died. */
  left: boolean;
}

export interface MemberFate {
  commit(member: SimulatedMember, at: StartOffset): void;
  onBatch(member: SimulatedMember, batch: EventBatch): void;
  onFailure(member: SimulatedMember, error: unknown): void;
}

export function createSimulatedMember(
  around: Surroundings,
  feed: Feed,
  life: Life,
  options: GroupMember,
  fate: MemberFate,
): SimulatedMember {
  const atWork = new Set<Promise<void>>();
  let abandoned = false;
  let goneNow = () => {};
  const gone = new Promise<void>((resolve) => {
    goneNow = resolve;
  });

  async function handle(batch: EventBatch): Promise<void> {
    await around.pause();
    if (abandoned) return;
    fate.onBatch(member, batch);
    await options.onBatch(batch);
  }
  const onBatch = (batch: EventBatch) => {
    const work = handle(batch);
    atWork.add(work);
    return work.finally(() => atWork.delete(work));
  };
  const createMemberDelivery = () =>
    createDelivery(
      feed,
      { ...options, onBatch },
      async (at) => fate.commit(member, at),
      (error) => fate.onFailure(member, error),
    );
  const member: SimulatedMember = {
    life,
    options,
    atWork,
    gone,
    ending: createEnding(),
    stale: new Set<string>(),
    left: false,
    abandoned: () => abandoned,
    abandon() {
      abandoned = true;
      member.left = true;
      member.delivery.abandon();
      goneNow();
      member.ending.resolve();
    },
    cutOff() {
      member.delivery.abandon();
      member.delivery = createMemberDelivery();
    },
    delivery: createMemberDelivery(),
  };
  return member;
}

/** The member as its own node sees it. */
export function createSimulatedConsumer(life: Life, stop: () => Promise<void>, { ended }: Pick<Consumer, 'ended'>) {
  const consumer: Consumer = { stop: () => life.through(stop()), ended: life.through(ended) };
  // Avoids an unhandled rejection if nobody observes the promise.
  consumer.ended.catch(() => {});
  return consumer;
}

/** A consumer without a group: its events are neither doubled nor interrupted; they only come late and in pieces. */
export function createSimulatedFollower(around: Surroundings, feed: Feed, life: Life, options: Follower) {
  const ending = createEnding();
  let abandoned = false;
  const onBatch = async (batch: EventBatch) => {
    await around.pause();
    if (abandoned) return;
    around.tell(life.who, `follows ${placeKey(batch)} to ${batch.next}`);
    await options.onBatch(batch);
  };
  const end = async () => {
    await delivery.remove(delivery.partitions());
    ending.resolve();
  };
  const onFailure = (error: unknown) => {
    ending.reject(error);
    void end();
  };
  const delivery = createDelivery(feed, { ...options, onBatch }, async () => {}, onFailure);
  delivery.add(options.from);
  return {
    delivery,
    consumer: createSimulatedConsumer(life, end, ending),
    abandon() {
      abandoned = true;
      delivery.abandon();
      ending.resolve();
    },
  };
}
