import type { InputRejected } from '../model/events.ts';
import type { StartOffset, TopicPartition } from '../ports/event-log.ts';
import { decodeRecords, type Received } from './decode-records.ts';
import type { Publisher } from './publisher.ts';
import { isPassing, persisting, RETRY_POLICY } from './retry.ts';
import { createFailure, type Service, type ServicePorts } from './service.ts';

export interface ConsumerOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Only members of the same kind share partitions. */
  readonly kind?: string;
  /**
   * Handles successive events of one partition, all below `end`; their offset is committed once it has resolved.
   * @param refuse takes an event that can be decoded but is meaningless here: it is rejected like one that cannot be
   * decoded
   */
  handle(received: readonly Received[], end: StartOffset, refuse: (event: InputRejected) => void): Promise<void>;
  readonly concurrency?: number;
  readonly batchRecordsMax?: number;
  readonly batchBytesMax?: number;
  onAssigned?(partitions: readonly StartOffset[]): Promise<void>;
  onRevoked?(partitions: readonly TopicPartition[]): Promise<void>;
}

/**
 * The service loop: read, decode, handle (decide and append), commit. An event that cannot be decoded becomes a
 * rejection; a transient error is retried. If the error persists, this member gives its partitions to other nodes,
 * which the error may not affect, and joins again after a while, as often as necessary. In one process no other node
 * can take over, so there the error ends the service; so does any other error.
 */
export async function startConsumer(
  ports: ServicePorts,
  publisher: Publisher,
  options: ConsumerOptions,
): Promise<Service> {
  const { group, topics, kind, handle, concurrency, batchRecordsMax, batchBytesMax } = options;
  const { onAssigned, onRevoked } = counted(ports, options);
  const { clock, telemetry } = ports;
  const failure = createFailure();
  const noteNewer = createNewerNotes(ports);
  const stopping = new AbortController();
  const context = { ...ports, signal: stopping.signal };
  const spare = (working: string, own: string) =>
    telemetry?.log('warn', 'this member gets no partitions while most members are of another kind', {
      group,
      working,
      own,
    });
  const join = () =>
    ports.log.join({
      group,
      topics,
      ...(kind !== undefined && { kind, onSpare: (working) => spare(working, kind) }),
      ...(concurrency !== undefined && { concurrency }),
      ...(batchRecordsMax !== undefined && { batchRecordsMax }),
      ...(batchBytesMax !== undefined && { batchBytesMax }),
      ...(onAssigned && { onAssigned: (partitions) => persisting(context, () => onAssigned(partitions)) }),
      ...(onRevoked && { onRevoked }),
      async onBatch(batch) {
        const { topic, partition, records, next: offset } = batch;
        const begun = clock.monotonic();
        const { received, refused } = decodeRecords(batch);
        const senseless = new Map<string, InputRejected>();
        const refuse = (event: InputRejected) => void senseless.set(event.id, event);
        noteNewer(received);
        const handling = async () => {
          if (refused.length > 0) await publisher.publish(refused.map((event) => ({ event })));
          await persisting(context, () => handle(received, { topic, partition, offset }, refuse), RETRY_POLICY);
          if (senseless.size > 0) await publisher.publish(Array.from(senseless.values(), (event) => ({ event })));
        };
        // A batch is one piece of work: if its events belong to several traces, it continues the trace of the first,
        // and shows the others.
        const span = {
          name: `process ${topic}`,
          kind: 'consumer',
          attributes: {
            ...{ 'messaging.system': 'kafka', 'messaging.operation.type': 'process' },
            ...{ 'messaging.destination.name': topic, 'messaging.destination.partition.id': String(partition) },
            ...{ 'messaging.consumer.group.name': group, 'messaging.batch.message_count': records.length },
          },
          links: () => records.map(({ traceparent }) => traceparent),
        } as const;
        await (telemetry ? telemetry.inTrace(records[0]?.traceparent, span, handling) : handling());
        const seconds = (clock.monotonic() - begun) / 1000;
        telemetry?.batchHandled({
          group,
          topic,
          handled: received.length,
          refused: refused.length + senseless.size,
          seconds,
        });
      },
    });
  let consumer = await persisting(context, join);

  /** Rejoins the group each time the consumer ends with a transient error. */
  async function rejoin(): Promise<void> {
    for (;;) {
      const fault = await consumer.ended.catch((error: unknown) => error);
      if (fault === undefined || stopping.signal.aborted) return;
      if (!telemetry || !isPassing(fault)) throw fault;
      const work = {};
      telemetry.hindered(work, fault);
      telemetry.log('warn', 'this member leaves its group for a while', { group, err: fault });
      // Give up all partitions before joining again.
      await consumer.stop();
      await clock.sleep(REJOIN_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      consumer = await persisting(context, join);
      // If the fault persisted, the next error would have been reported by then.
      void clock.sleep(SETTLED_MS, stopping.signal).then(() => telemetry.hindered(work, undefined));
    }
  }

  const rejoining = rejoin().catch((error) => {
    if (!stopping.signal.aborted) failure.fail(error);
  });
  return {
    failed: failure.promise,
    async stop() {
      stopping.abort();
      await consumer.stop();
      await rejoining;
      // It may have joined again a moment before.
      await consumer.stop();
    },
  };
}

/** Long enough for another member to take over. */
const REJOIN_MS = 30_000;
const SETTLED_MS = 60_000;

/**
 * Logs once per type that a newer version writes here, and counts all such events; they are neither errors nor
 * rejections.
 */
function createNewerNotes({ telemetry }: ServicePorts): (received: readonly Received[]) => void {
  const said = new Set<string>();
  return (received) => {
    for (const { event, topic } of received) {
      if (event.type !== 'NewerEvent') continue;
      telemetry?.newerEventMet({ topic });
      const { name, campaign } = event;
      if (said.size >= NEWER_SAID_MAX || said.has(`${topic} ${name}`)) continue;
      said.add(`${topic} ${name}`);
      telemetry?.log('warn', 'an event of a newer elastream is passed over: upgrade this node', {
        topic,
        name,
        campaign,
      });
    }
  };
}

/** Limits the memory, because other programs determine the names. */
const NEWER_SAID_MAX = 1000;

type Rebalancing = Pick<ConsumerOptions, 'onAssigned' | 'onRevoked'>;

/** Counts the held partitions if there is telemetry. */
function counted({ telemetry }: ServicePorts, { group, ...options }: Rebalancing & { group: string }): Rebalancing {
  if (!telemetry) return options;
  const held = new Set<string>();
  const note = (change: 'add' | 'delete', partitions: readonly TopicPartition[]) => {
    for (const { topic, partition } of partitions) held[change](`${partition} ${topic}`);
    telemetry.partitionsHeld({ group, partitions: held.size });
  };
  return {
    async onAssigned(partitions) {
      await options.onAssigned?.(partitions);
      note('add', partitions);
    },
    async onRevoked(partitions) {
      note('delete', partitions);
      await options.onRevoked?.(partitions);
    },
  };
}
