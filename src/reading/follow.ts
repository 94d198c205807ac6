import type { Topic } from '../model/topics.ts';
import type { Consumer, EventLog } from '../ports/event-log.ts';
import type { Received } from '../runtime/decode-records.ts';
import { persisting } from '../runtime/retry.ts';
import { createFailure, type Service, type ServicePorts } from '../runtime/service.ts';
import type { Projection } from './projection.ts';
import { createProjectionRun } from './projection-run.ts';

/** Projections that stay with the ends of their topics. */
export interface Following extends Service {
  /** Per partition the offset of the next event. */
  positions(topic: string): readonly number[];
  /** Resolves when everything below these offsets has been taken. @throws AppError `interrupted` on stop */
  reached(topic: string, offsets: readonly number[]): Promise<void>;
  /** Resolves when everything has been taken that the topic holds by now. @throws AppError as `reached` */
  caughtUp(topic: string): Promise<void>;
}

/** What following needs of a log: any that can be read and followed. */
export type FollowPorts = Pick<ServicePorts, 'clock' | 'random' | 'telemetry'> & {
  readonly log: Pick<EventLog, 'endOffsets' | 'read' | 'follow'>;
};

export interface FollowOptions {
  /** Of the topics, the one that is read after the others, which tell from where on, and what of it counts. */
  readonly last?: LastTopic;
  /** After the events of a batch have been taken, once the projections have caught up. */
  onBatch?(): void;
}

interface LastTopic {
  readonly topic: Topic;
  /** Per partition, not beyond the end that it had before the others were read. */
  from(ends: readonly number[]): readonly number[];
  counts?(received: Received): boolean;
}

/** Reads from the beginning; resolves when the projections have caught up with the ends that were found at the start. */
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
    // Once: where a try has begun, the next goes on.
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
