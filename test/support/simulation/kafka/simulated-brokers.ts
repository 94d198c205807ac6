import type { VirtualClock } from '../virtual-clock.ts';
import { createAdminRequests } from './admin-requests.ts';
import { createBrokerTopics, OFFSETS_TOPIC } from './broker-topics.ts';
import { createGroupCoordinators } from './group-coordinators.ts';
import type { KafkaPartition } from './kafka-partition.ts';
import { createLogRequests } from './log-requests.ts';
import type { RequestHandlers } from './request-handlers.ts';

/*
 * Invariants:
 * 1. A broker that is down or frozen counts as dead when its session ends; its partitions then get other leaders from
 *    the in-sync replicas.
 * 2. A broker keeps its stored data across a restart, unless its machine lost power; after the restart it adapts to its
 *    leaders.
 */

export interface SimulatedBrokers {
  readonly ids: readonly number[];
  /** The broker's answer; undefined for a request that it does not know. */
  answer(broker: number, client: string, apiName: string, params: object): Promise<object> | undefined;
  isUp(broker: number): boolean;
  /** Resolves when the broker's process is running. */
  awake(broker: number): Promise<void>;
  /** Kills the broker like a power failure: it loses its last `lost` events, as if they had not reached its disk. */
  kill(broker: number, lost?: number): void;
  restart(broker: number): void;
  freeze(broker: number): void;
  thaw(broker: number): void;
  /** The copies of two brokers drift apart, or catch up again. */
  setReplication(a: number, b: number, works: boolean): void;
  /** Moves the leadership of the broker's partitions to other in-sync replicas, although the broker is alive. */
  moveLeaders(from: number): void;
  partitions(): readonly { readonly topic: string; readonly partition: number; readonly state: KafkaPartition }[];
  topics(): readonly { readonly name: string; readonly partitions: number }[];
  committedOffset(group: string, topic: string, partition: number): number;
}

export interface BrokerParts {
  readonly clock: VirtualClock;
  readonly count: number;
  /** A member was declared dead. */
  onExpelled(group: string, memberId: string): void;
  /** The address of a broker as clients get it. */
  address(broker: number): { readonly host: string; readonly port: number };
}

/** `broker.session.timeout.ms` */
const SESSION_MS = 3000;

export function createSimulatedBrokers(parts: BrokerParts): SimulatedBrokers {
  const { clock, count } = parts;
  const ids = Array.from({ length: count }, (_, id) => id);
  const down = new Set<number>();
  const frozen = new Map<number, (() => void)[]>();
  /** The brokers that the controller considers dead. */
  const fenced = new Set<number>();
  const apart = new Set<string>();
  const runs = (broker: number) => !down.has(broker) && !frozen.has(broker);
  const isAlive = (broker: number) => !fenced.has(broker);
  const topics = createBrokerTopics({
    ids,
    reaches: (a, b) => runs(a) && runs(b) && !apart.has(pair(a, b)),
    sleep: (ms) => clock.sleep(ms),
  });
  topics.create(OFFSETS_TOPIC, 4, count);
  const view = { clock, topics, alive: () => ids.filter(isAlive), address: parts.address };
  const coordinators = createGroupCoordinators(view, parts.onExpelled);
  const handlers: RequestHandlers = {
    ...createLogRequests(view),
    ...createAdminRequests(view),
    ...coordinators.handlers,
  };

  const all = () => topics.all();

  function fence(broker: number): void {
    void clock.sleep(SESSION_MS).then(() => {
      if (runs(broker) || fenced.has(broker)) return;
      fenced.add(broker); // 1
      elect(broker);
      for (const { state } of all()) state.drop(broker);
    });
  }

  function elect(broker: number): void {
    for (const { state } of all()) if (state.leader() === broker || state.leader() < 0) state.elect(isAlive);
    coordinators.follow();
  }

  /** Ensures invariant 2. */
  function register(broker: number): void {
    fenced.delete(broker);
    for (const { state } of all()) {
      if (state.leader() < 0) state.elect(isAlive);
      // It was away only for a moment, but may have lost data, so others take over its leadership.
      else if (state.leader() === broker && state.inSync().some((id) => id !== broker)) {
        state.elect((id) => id !== broker && runs(id));
      }
      state.replicate();
    }
    coordinators.follow();
  }

  return {
    ids,
    answer: (broker, client, apiName, params) => handlers[apiName]?.({ broker, client }, params as never),
    isUp: (broker) => !down.has(broker),
    awake: (broker) => {
      const waiting = frozen.get(broker);
      return waiting ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve();
    },
    kill(broker, lost = 0) {
      down.add(broker);
      if (lost > 0) for (const { state } of all()) state.lose(broker, lost);
      fence(broker);
    },
    restart(broker) {
      down.delete(broker);
      register(broker);
    },
    freeze(broker) {
      if (!frozen.has(broker)) frozen.set(broker, []);
      fence(broker);
    },
    thaw(broker) {
      const waiting = frozen.get(broker) ?? [];
      frozen.delete(broker);
      register(broker);
      for (const resolve of waiting) resolve();
    },
    setReplication(a, b, works) {
      if (works) apart.delete(pair(a, b));
      else apart.add(pair(a, b));
      for (const { state } of all()) state.replicate();
    },
    moveLeaders(from) {
      const isAble = (broker: number) => broker !== from && isAlive(broker) && runs(broker);
      for (const { state } of all()) if (state.leader() === from && state.inSync().some(isAble)) state.elect(isAble);
      coordinators.follow();
    },
    partitions: () => all().filter(({ topic }) => topic !== OFFSETS_TOPIC),
    topics: () => topics.names().filter(({ name }) => name !== OFFSETS_TOPIC),
    committedOffset: coordinators.committedOffset,
  };
}

function pair(a: number, b: number): string {
  return `${Math.min(a, b)} ${Math.max(a, b)}`;
}
