import type { Broker, Cluster, Kafka } from 'kafkajs';
import { createCluster } from './cluster.ts';
import { createProduceSession, type ProducerIdentity, type ProduceSession } from './produce-session.ts';
import { retried } from './retried.ts';
import type { Timing } from './timing.ts';

/*
 * Invariant: after a send has failed, its session takes for that partition the very same messages again, or nothing any
 * more. What comes next has the number of what failed; had the broker stored that after all, it would take other messages
 * for copies of it, acknowledge and drop them. The same ones are rightly taken for copies.
 */

export interface ProducerPool {
  /** Runs with the session in use; another is opened for whoever comes after a failure. */
  use<T>(action: (session: ProduceSession) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Entry {
  readonly cluster: Cluster;
  readonly session: Promise<ProduceSession>;
  users: number;
  retired: boolean;
}

/** What kafkajs' brokers can do for producers, and its types leave out. */
interface Identifier extends Broker {
  initProducerId(request: { transactionTimeout: number }): Promise<ProducerIdentity>;
}

/** Of transactions, which there are none of. */
const TRANSACTION_MS_MAX = 30_000;

export function createProducerPool(kafka: Kafka, timing?: Timing): ProducerPool {
  const entries = new Set<Entry>();
  let current: Entry | undefined;

  function open(): Entry {
    const cluster = createCluster(kafka);
    const identify = async () => {
      await cluster.connect();
      // Who the controller is, it learns with the topics.
      await cluster.addMultipleTargetTopics([]);
      const broker = (await cluster.findControllerBroker()) as Identifier;
      return broker.initProducerId({ transactionTimeout: TRANSACTION_MS_MAX });
    };
    const session = retried('connecting to append', identify, { timing }).then((identity) =>
      createProduceSession(cluster, identity, timing),
    );
    const entry = { cluster, session, users: 0, retired: false };
    entries.add(entry);
    return entry;
  }

  async function disconnect(entry: Entry): Promise<void> {
    entries.delete(entry);
    await entry.cluster.disconnect().catch(() => {});
  }

  return {
    async use(action) {
      current ??= open();
      const entry = current;
      entry.users++;
      try {
        return await action(await entry.session);
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
