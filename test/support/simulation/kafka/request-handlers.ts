import type { VirtualClock } from '../virtual-clock.ts';
import type { BrokerTopics } from './broker-topics.ts';

/** Who is asked, and by whom. */
export interface Asked {
  readonly broker: number;
  readonly client: string;
}

/** By the name of the request in kafkajs: from its parameters to what kafkajs decodes of a broker's answer. */
export type RequestHandlers = Readonly<Record<string, (asked: Asked, params: never) => Promise<object>>>;

/** What every broker knows of the cluster. */
export interface ClusterView {
  readonly clock: VirtualClock;
  readonly topics: BrokerTopics;
  /** Those that the controller takes for alive. */
  alive(): readonly number[];
  address(broker: number): { readonly host: string; readonly port: number };
}

/** A request's topics, each with some of its partitions. */
export interface PerTopic<T> {
  readonly topic: string;
  readonly partitions: readonly T[];
}
