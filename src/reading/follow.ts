import type { Topic } from '../model/topics.ts';
import type { Consumer, EventLog } from '../ports/event-log.ts';
import type { Received } from '../runtime/decode-records.ts';
import { persisting } from '../runtime/retry.ts';
import { createFailure, type Service, type ServicePorts } from '../runtime/service.ts';
import type { Projection } from './projection.ts';
import { createProjectionRun } from './projection-run.ts';

/** Projections that take what is appended to their topics as it comes. */
export interface Following extends Service {
  /** The offset of the next event, per partition. */
  positions(topic: string): readonly number[];
  /** Resolves when all events below these offsets are taken. @throws AppError `interrupted` on stop */
  reached(topic: string, offsets: readonly number[]): Promise<void>;
  /** Resolves when all events are taken that the topic contains now. @throws AppError as `reached` */
  caughtUp(topic: string): Promise<void>;
}

/** What `follow` needs. The log can be of any kind that can be read and followed. */
export type FollowPorts = Pick<ServicePorts, 'clock' | 'random' | 'telemetry'> & {
  readonly log: Pick<EventLog, 'endOffsets' | 'read' | 'follow'>;
};

export interface FollowOptions {
  /** One of the topics. It is read after the others, because they tell where to begin and which of its events count. */
  readonly last?: LastTopic;
  /** Called after each batch that comes after the start. */
  onBatch?(): void;
}

interface LastTopic {
  readonly topic: Topic;
  /** @param ends the ends of this topic before the others were read; the result must not be beyond them */
  from(ends: readonly number[]): readonly number[];
  counts?(received: Received): boolean;
}

/** Reads the topics from their beginning, then follows them. Resolves when the ends found at the start are reached. */
export async function follow(
  ports: FollowPorts,
  projections: readonly Projection[],
  { last, onBatch }: FollowOptions = {},
): Promise<Following> {
  const { log } = ports;
  const run = createProjectionRun(log, projections, last?.counts);
  const first = run.topics.filter(({ name }) => name !== last?.topic.name);
  const failure = createFailure();
  const stopping = new AbortController();
  const context = { ...ports, signal: stopping.signal };

  let isBegun = false;
  async function catchUp(): Promise<void> {
    const ends = last && !isBegun ? await log.endOffsets(last.topic.name) : [];
    await run.readOn(first);
    if (!last) return;
    // Asked once: after an attempt that failed, the next one continues where that one stopped.
    const begin = isBegun ? [] : last.from(ends);
    for (const [partition, offset] of begin.entries()) run.positions(last.topic.name).set(partition, offset);
    isBegun = true;
    await run.readOn([last.topic]);
  }

  function followEnds(): Promise<Consumer> {
    const from = run.topics.flatMap(({ name: topic }) =>
      run.positions(topic).offsets.map((offset, partition) => ({ topic, partition, offset })),
    );
    return log.follow({
      from,
      async onBatch(batch) {
        run.take(batch);
        onBatch?.();
      },
    });
  }

  const reached = (topic: string, offsets: readonly number[]) => run.positions(topic).reached(offsets);
  await persisting(context, catchUp);
  const consumer = await persisting(context, followEnds);
  consumer.ended.catch(failure.fail);
  return {
    failed: failure.promise,
    positions: (topic) => [...run.positions(topic).offsets],
    reached,
    caughtUp: async (topic) => reached(topic, await log.endOffsets(topic)),
    async stop() {
      stopping.abort();
      for (const { name } of run.topics) run.positions(name).close();
      await consumer.stop();
    },
  };
}
