import type { Kafka, KafkaConfig } from 'kafkajs';
import type { Surroundings } from '../surroundings.ts';
import { type Accidents, createKafkaNetwork, type KafkaNetwork } from './kafka-network.ts';
import { type KafkaJsInWorld, loadKafkaJs } from './kafkajs-in-world.ts';
import { createSimulatedBrokers, type SimulatedBrokers } from './simulated-brokers.ts';

/** The world's brokers, and kafkajs as the nodes use it. */
export interface SimulatedKafka {
  readonly brokers: SimulatedBrokers;
  readonly network: KafkaNetwork;
  /** The addresses to which a client connects. */
  readonly addresses: readonly string[];
  client(config: KafkaConfig): Kafka;
}

const FIRST_PORT = 9092;

const NO_ACCIDENTS: Accidents = { delayMs: () => 1, isLost: () => false };

export function createSimulatedKafka(
  { clock, random, tell }: Pick<Surroundings, 'clock' | 'random' | 'tell'>,
  count: number,
  accidents: Accidents = NO_ACCIDENTS,
): SimulatedKafka {
  const address = (broker: number) => ({ host: 'broker', port: FIRST_PORT + broker });
  const brokerAt = (text: string) => Number(text.split(':')[1]) - FIRST_PORT;
  const network = createKafkaNetwork(clock, () => brokers, brokerAt, accidents);
  const kafkajs: KafkaJsInWorld = loadKafkaJs(clock, random.fork('kafkajs'), network);
  const brokers: SimulatedBrokers = createSimulatedBrokers({
    clock,
    count,
    address,
    onExpelled: (group, memberId) => tell('kafka', `group ${group} expels ${memberId}`),
  });
  return {
    brokers,
    network,
    client: kafkajs.client,
    addresses: brokers.ids.map((id) => `${address(id).host}:${address(id).port}`),
  };
}
