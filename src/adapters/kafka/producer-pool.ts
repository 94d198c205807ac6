import type { Kafka, Producer } from 'kafkajs';
import { retried } from './retried.ts';
import type { Timing } from './timing.ts';

/*
 * Invariant: after a send() has failed, its producer takes for that partition the very same messages again, or nothing
 * any more. kafkajs numbers what comes next like what failed; had the broker stored that after all, it would take other
 * messages for copies of it, acknowledge and drop them. The same ones are rightly taken for copies.
 */

export interface ProducerPool {
  /** Runs with the producer in use; another is made for whoever comes after a failure. */
  use<T>(action: (producer: Producer) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Entry {
  readonly producer: Producer;
  readonly connected: Promise<void>;
  users: number;
  retired: boolean;
}

/** kafkajs insists on one; it gives up early where no broker can be reached for a moment, so we repeat ourselves. */
const RETRY = { retries: 1, initialRetryTime: 50 };

export function createProducerPool(kafka: Kafka, timing?: Timing): ProducerPool {
  const entries = new Set<Entry>();
  let current: Entry | undefined;

  function open(): Entry {
    const producer = kafka.producer({
      // A broker that has stored a batch whose acknowledgement was lost knows it again by its sequence number.
      idempotent: true,
      allowAutoTopicCreation: false,
      retry: RETRY,
      createPartitioner: () => chosenPartition,
    });
    const connected = retried('connecting to append', () => producer.connect(), { timing });
    const entry = { producer, connected, users: 0, retired: false };
    entries.add(entry);
    return entry;
  }

  async function disconnect(entry: Entry): Promise<void> {
    entries.delete(entry);
    await entry.producer.disconnect().catch(() => {});
  }

  return {
    async use(action) {
      current ??= open();
      const entry = current;
      entry.users++;
      try {
        await entry.connected;
        return await action(entry.producer);
      } catch (error) {
        entry.retired = true;
        if (current === entry) current = undefined;
        throw error;
      } finally {
        entry.users--;
        if (entry.retired && entry.users === 0) void disconnect(entry);
      }
    },
    async close() {
      await Promise.all([...entries].map(disconnect));
    },
  };
}

/** The caller has computed it: kafkajs only obeys. */
function chosenPartition({ message }: { message: { partition?: number } }): number {
  return message.partition!;
}
