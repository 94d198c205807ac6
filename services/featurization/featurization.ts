import type { Featurizer } from '../../src/ports/featurizer.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { createPublisher, type Publication } from '../../src/runtime/publisher.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';
import { featurizedEvent } from './loop-featurizer.ts';

/**
 * What a batch may cost: a site takes some 25 bytes, so one batch is some 2,500 sites, or a single larger structure. When
 * it is featurized it is committed, however much of its partition still waits.
 */
const BATCH_BYTES_MAX = 64 * 1024;

/**
 * Turns materials into feature vectors, partition by partition, and passes the watermarks on behind them. All partitions
 * are handled side by side, and each has one batch with the featurizer at most: so none of them waits for more than what
 * each of the others had first.
 */
export function startFeaturization(ports: ServicePorts, featurizer: Featurizer): Promise<Service> {
  const { materials, features } = ports.topics;
  const publisher = createPublisher(ports, 'featurization');
  return startConsumer(ports, publisher, {
    group: 'featurization',
    topics: [materials.name],
    batchBytesMax: BATCH_BYTES_MAX,
    concurrency: materials.partitions,
    async handle(received) {
      const publications = await Promise.all(
        received.map(async ({ event }): Promise<Publication[]> => {
          if (event.type === 'SourcePartitionCompleted') return [{ event, topic: features }];
          if (event.type !== 'MaterialIngested') return [];
          return [{ event: featurizedEvent(event, await featurizer.featurize(event.material)) }];
        }),
      );
      // In the order of the materials, whichever was done first. A watermark says that everything before it is featurized
      // or rejected, so the rejections come first.
      const isRejection = ({ event }: Publication) => event.type === 'InputRejected';
      const all = publications.flat();
      await publisher.publish(all.filter(isRejection));
      await publisher.publish(all.filter((publication) => !isRejection(publication)));
    },
  });
}
