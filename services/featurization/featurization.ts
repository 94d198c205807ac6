import { featureSchemaOf } from '../../src/model/topics.ts';
import type { Featurizer } from '../../src/ports/featurizer.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { createPublisher, type Publication } from '../../src/runtime/publisher.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';
import { spanned } from '../../src/runtime/spanned.ts';
import { featurizedEvent } from './loop-featurizer.ts';

/**
 * Size limit of a batch. A site takes about 25 bytes, so a batch has about 2,500 sites, or one larger structure. A
 * batch is committed as soon as it is featurized, however many events of its partition still wait.
 */
const BATCH_BYTES_MAX = 64 * 1024;

/**
 * Turns materials into feature vectors, partition by partition, and forwards the watermarks after them. All partitions
 * are handled concurrently, and each has at most one batch in the featurizer. So a partition waits for at most one
 * batch of each other partition.
 */
export function startFeaturization(ports: ServicePorts, featurizer: Featurizer): Promise<Service> {
  const { materials, features } = ports.topics;
  const schema = featureSchemaOf(features.name);
  const publisher = createPublisher(ports, 'featurization');
  return startConsumer(ports, publisher, {
    group: 'featurization',
    topics: [materials.name],
    batchBytesMax: BATCH_BYTES_MAX,
    concurrency: materials.partitions,
    async handle(received) {
      const featurize = received.map(({ event }) => async (): Promise<Publication[]> => {
        if (event.type === 'SourcePartitionCompleted') return [{ event, topic: features }];
        if (event.type !== 'MaterialIngested') return [];
        return [{ event: featurizedEvent(event, await featurizer.featurize(event.material), schema) }];
      });
      const span = { name: 'featurize in worker threads', attributes: { 'elastream.events': received.length } };
      const publications = await spanned(ports.telemetry, span, () => Promise.all(featurize.map((one) => one())));
      // In the order of the materials, whichever was finished first. A watermark states that everything before it is
      // featurized or rejected, so the rejections come first.
      const isRejection = ({ event }: Publication) => event.type === 'InputRejected';
      const all = publications.flat();
      await publisher.publish(all.filter(isRejection));
      await publisher.publish(all.filter((publication) => !isRejection(publication)));
    },
  });
}
