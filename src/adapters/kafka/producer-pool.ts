import type { Broker, Cluster, Kafka } from 'kafkajs';
import { createCluster } from './cluster.ts';
import { createProduceSession, type ProducerIdentity, type ProduceSession } from './produce-session.ts';
import { retried } from './retried.ts';
import type { Timing } from './timing.ts';

/*
 * Invariant: after a send has failed, its session accepts for that partition only exactly the same messages again, or
 * nothing more. The next messages would get the sequence number of the failed batch. If the broker has stored that
 * batch after all, it would take other messages for duplicates, acknowledge them and drop them. The same messages are
 * duplicates, so this is right for them.
 */

export interface ProducerPool {
  /** Runs the action with the current session. After a failure, later calls get a new session. */
  use<T>(action: (session: ProduceSession) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Entry {
  readonly cluster: Cluster;
  readonly session: Promise<ProduceSession>;
  users: number;
  retired: boolean;
}

/** A broker request for producers. kafkajs implements it but leaves it out of its types. */
interface Identifier extends Broker {
  initProducerId(request: { transactionTimeout: number }): Promise<ProducerIdentity>;
}

/** The request requires a transaction timeout, although this producer uses no transactions. */
const TRANSACTION_MS_MAX = 30_000;

export function createProducerPool(kafka: Kafka, timing?: Timing): ProducerPool {
  const entries = new Set<Entry>();
  let current: Entry | undefined;

  function open(): Entry {
    const cluster = createCluster(kafka);
    const identify = async () => {
      await cluster.connect();
      // The cluster learns the controller together with the topics' metadata.
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
