import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KafkaCluster, startKafkaCluster } from '../../../deploy/local/kafka/kafka-cluster.ts';
import { startFeaturization } from '../../../services/featurization/featurization.ts';
import { createGateway } from '../../../services/gateway/gateway.ts';
import { startExampleForming } from '../../../services/training-shard/example-forming.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../../src/adapters/in-process/system-random.ts';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { MaterialCatalogue } from '../../../src/learning/data/material-catalogue.ts';
import type { Topic } from '../../../src/model/topics.ts';
import type { EventLog } from '../../../src/ports/event-log.ts';
import type { SubmitRequest } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { createCatalogueProjection } from '../../../src/reading/catalogue-projection.ts';
import { rangesToEnd } from '../../../src/reading/ranges-to-end.ts';
import { readToEnd } from '../../../src/reading/read-to-end.ts';
import { decodeRecords, type Received } from '../../../src/runtime/decode-records.ts';
import { createPositions } from '../../../src/runtime/positions.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { directFeaturizer } from '../../support/direct-featurizer.ts';
import { collected } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWithKafka } from '../../support/kafka/describe-with-kafka.ts';
import { createQueue } from '../../support/queue.ts';
import { createSeededRandom } from '../../support/simulation/seeded-random.ts';
import { SIMULATED_TOPICS as TOPICS } from '../../support/simulation/service-world.ts';
import { syntheticItems } from '../../support/simulation/simulated-source.ts';
import { bareItem, streamed, submittedItems } from '../../support/submitted-items.ts';

const ITEMS = submittedItems(syntheticItems(60, createSeededRandom(3))).filter(({ labels }) => labels.length > 0);

describeWithKafka('a source that two gateways bring at once', () => {
  let cluster: KafkaCluster;
  const logs: EventLog[] = [];
  beforeAll(async () => {
    cluster = await startKafkaCluster(1);
  }, 400_000);
  afterAll(async () => {
    for (const log of logs) await log.close();
    await cluster?.stop();
  });

  async function open() {
    const log = await openKafkaEventLog({ brokers: cluster.brokers, clientId: 'test', replicas: 1 });
    logs.push(log);
    await log.declare(Object.values(TOPICS));
    return { log, topics: TOPICS, clock: systemClock, random: systemRandom };
  }

  async function read(log: EventLog, { name }: Topic): Promise<Received[]> {
    const batches = await collected(log.read(await rangesToEnd(log, name)));
    return batches.flatMap((batch) => decodeRecords(batch).received);
  }

  it('is closed by the one that completes it, and every reader of the log decides alike', async () => {
    const [first, second] = [await open(), await open()];
    const models = {} as never;
    const [one, other] = [first, second].map((ports) =>
      createGateway({ ports, models, featurizer: directFeaturizer() }),
    );
    const theirs = createQueue<SubmitRequest>();
    const replies = other!.Submit(theirs.items())[Symbol.asyncIterator]();
    theirs.put(ITEMS[0]!);
    expect((await replies.next()).value).toMatchObject({ refusal: undefined });
    const [late, ...onTime] = ITEMS;
    await collected(one!.Submit(streamed([late!, ...onTime, bareItem('end', { sourceCompleted: true })])));
    // This gateway has not heard of it, and takes what comes; another one refuses it at its door.
    const item = { ...late!, clientId: 'late', material: { ...late!.material!, id: 'late' } };
    theirs.put(item);
    expect((await replies.next()).value).toEqual({ clientId: 'late', refusal: undefined });
    const third = createGateway({ ports: await open(), models, featurizer: directFeaturizer() });
    const [refused] = await collected(third.Submit(streamed([item])));
    expect(refused).toMatchObject({ clientId: 'late', refusal: { code: 'source_complete' } });
    await replies.return!();

    const ports = await open();
    const catalogue = new MaterialCatalogue({ vectors: true, partitions: TOPICS.materials.partitions });
    const services = [
      await startFeaturization(ports, directFeaturizer()),
      await startExampleForming({
        ...{ ports, catalogue, engine: 'e', publisher: createPublisher(ports, 'training-shard') },
        ...{ featured: createPositions(TOPICS.features.partitions, -1), onAssigned: () => {}, onPartitions: () => {} },
      }),
    ];
    const refusals = async () =>
      (await read(ports.log, TOPICS.rejections)).flatMap(({ event }) =>
        event.type === 'InputRejected' && event.rejection.code === 'source_complete' ? [event.id] : [],
      );
    // The material and its label, by the shard, and the item that the third gateway refused.
    await eventually(async () => new Set(await refusals()).size === 3, 120_000);
    await eventually(async () => {
      const formed = (await read(ports.log, TOPICS.examples)).filter(({ event }) => event.type === 'ExampleFormed');
      return new Set(formed.map(({ event }) => JSON.stringify(event))).size >= ITEMS.length;
    }, 120_000);
    for (const service of services) await service.stop();
    const readers = await Promise.all(
      [first, second].map(async ({ log }) => {
        const own = new MaterialCatalogue({ vectors: false, partitions: TOPICS.materials.partitions });
        await readToEnd(log, createCatalogueProjection(own, TOPICS));
        return {
          late: own.versions().flatMap(([id, versions]) => (versions.some((version) => version.late) ? [id] : [])),
          examples: own.examples().map(([id]) => id),
        };
      }),
    );
    expect(readers[1]).toEqual(readers[0]);
    expect(readers[0]!.late).toEqual(['late']);
    expect(readers[0]!.examples).toHaveLength(ITEMS.length);
    expect(readers[0]!.examples).not.toContain('late');
  }, 400_000);
});
