import type { VirtualClock } from '../virtual-clock.ts';
import type { BrokerTopics } from './broker-topics.ts';

/** The broker that is asked, and the client that asks. */
export interface Asked {
  readonly broker: number;
  readonly client: string;
}

/** By the name of the request in kafkajs: converts the parameters to what kafkajs decodes from a broker's answer. */
export type RequestHandlers = Readonly<Record<string, (asked: Asked, params: never) => Promise<object>>>;

/** The knowledge of the cluster that every broker has. */
export interface ClusterView {
  readonly clock: VirtualClock;
  readonly topics: BrokerTopics;
  /** The brokers that the controller considers alive. */
  alive(): readonly number[];
  address(broker: number): { readonly host: string; readonly port: number };
}

/** A topic of a request with some of its partitions. */
export interface PerTopic<T> {
  readonly topic: string;
  readonly partitions: readonly T[];
}
