import { LOOP_FEATURE_SCHEMA } from '../../../services/featurization/loop-featurizer.ts';
import { createTopics, type Topic, type Topics } from '../../../src/model/topics.ts';
import { decodeRecords, type Received } from '../../../src/runtime/decode-records.ts';
import { createPublisher, type Publication } from '../../../src/runtime/publisher.ts';
import type { ServicePorts } from '../../../src/runtime/service.ts';
import { createWorld, type NodePorts, type World, type WorldOptions } from './world.ts';

/** Few partitions, so that each holds some events. */
export const SIMULATED_TOPICS: Topics = createTopics({
  featureSchema: LOOP_FEATURE_SCHEMA,
  materialPartitions: 8,
  campaignPartitions: 4,
});

const DAY_MS = 86_400_000;

/** A world with the topics of the loop and one node: the starting point of a service's test. */
export interface ServiceWorld {
  readonly world: World;
  readonly node: NodePorts;
  readonly ports: ServicePorts;
  /** Lets time pass until the promise is settled. */
  run<T>(promise: Promise<T>): Promise<T>;
  /** Appends events to the log from another node. */
  given(...publications: Publication[]): Promise<void>;
  /** The events that a topic holds now. */
  eventsOf(topic: Topic): Received['event'][];
}

export function openServiceWorld(options: Partial<WorldOptions> = {}): ServiceWorld {
  const world = createWorld({ seed: 1, ...options });
  world.stored.log.declare(Object.values(SIMULATED_TOPICS));
  const node = world.node('tested').ports();
  const given = world.node('given').ports();
  return {
    world,
    node,
    ports: portsOf(node),
    run: (promise) => world.clock.outcome(promise, DAY_MS),
    given: (...publications) => createPublisher(portsOf(given), 'given').publish(publications),
    eventsOf: (topic) => receivedIn(world, topic).map(({ event }) => event),
  };
}

/** All events of a topic that can be decoded, partition by partition. */
export function receivedIn(world: World, { name: topic }: Topic): Received[] {
  return world.stored.log.records(topic).flatMap((records, partition) => {
    return decodeRecords({ topic, partition, records, next: world.stored.log.endOffset({ topic, partition }) })
      .received;
  });
}

function portsOf({ log, clock, random }: NodePorts): ServicePorts {
  return { log, clock, random, topics: SIMULATED_TOPICS };
}
