import { afterAll, beforeAll } from 'vitest';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { eventLogContract } from '../../contract/event-log.contract.ts';
import { type KafkaCluster, startKafkaCluster } from '../../support/kafka/cluster.ts';
import { describeWithKafka } from '../../support/kafka/describe-with-kafka.ts';

describeWithKafka('event log on Kafka', () => {
  let cluster: KafkaCluster;

  beforeAll(async () => {
    cluster = await startKafkaCluster(1);
  }, 400_000);
  afterAll(() => cluster.stop());

  eventLogContract(async () => ({
    open: () => openKafkaEventLog({ brokers: cluster.brokers, clientId: 'elastream-test' }),
    remove: async () => {},
  }));
});
