import type { StartOffset, TopicPartition } from '../ports/event-log.ts';
import { type Received, decodeRecords } from './decode-records.ts';
import type { Publisher } from './publisher.ts';
import { retrying } from './retry.ts';
import { createFailure, type Service, type ServicePorts } from './service.ts';

export interface ConsumerOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Handles successive events of one partition; what it resolved for is committed. */
  handle(received: readonly Received[]): Promise<void>;
  readonly concurrency?: number;
  readonly batchRecordsMax?: number;
  onAssigned?(partitions: readonly StartOffset[]): Promise<void>;
  onRevoked?(partitions: readonly TopicPartition[]): Promise<void>;
}

/**
 * The service loop: read, decode, handle (which decides and appends), commit. What cannot be decoded becomes a rejection;
 * a passing fault is tried again; anything else ends the service, and its partitions go to another node.
 */
export async function startConsumer(
  ports: ServicePorts,
  publisher: Publisher,
  options: ConsumerOptions,
): Promise<Service> {
  const { group, topics, handle, concurrency, batchRecordsMax, onAssigned, onRevoked } = options;
  const failure = createFailure();
  const stopping = new AbortController();
  const context = { ...ports, signal: stopping.signal };
  const consumer = await retrying(context, () =>
    ports.log.join({
      group,
      topics,
      ...(concurrency !== undefined && { concurrency }),
      ...(batchRecordsMax !== undefined && { batchRecordsMax }),
      ...(onAssigned && { onAssigned: (partitions) => retrying(context, () => onAssigned(partitions)) }),
      ...(onRevoked && { onRevoked }),
      async onBatch(batch) {
        const { received, refused } = decodeRecords(batch);
        if (refused.length > 0) await publisher.publish(refused.map((event) => ({ event })));
        if (received.length > 0) await retrying(context, () => handle(received));
      },
    }),
  );
  consumer.ended.catch(failure.fail);
  return {
    failed: failure.promise,
    async stop() {
      stopping.abort();
      await consumer.stop();
    },
  };
}
