import type { Kafka, Producer, RetryOptions } from 'kafkajs';
import { retried } from './retried.ts';

/*
 * Invariant: after a send() has failed, its producer takes no other. kafkajs would number the next messages like those
 * that failed; had the broker stored these after all, it would take the next for their copies, acknowledge and drop them.
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

/** Some 30 s: longer than a failover, which takes 3 to 10. */
const RETRY = { retries: 40, initialRetryTime: 50, maxRetryTime: 1000 };

export function createProducerPool(kafka: Kafka, retry: RetryOptions = RETRY): ProducerPool {
  const entries = new Set<Entry>();
  let current: Entry | undefined;

  function open(): Entry {
    const producer = kafka.producer({
      // A broker that has stored a batch whose acknowledgement was lost knows it again by its sequence number.
      idempotent: true,
      allowAutoTopicCreation: false,
      retry,
      createPartitioner: () => chosenPartition,
    });
    const connected = retried('connecting to append', () => producer.connect());
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
