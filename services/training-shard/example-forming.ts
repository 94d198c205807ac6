import type { MaterialCatalogue } from '../../src/learning/data/material-catalogue.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';
import type { Positions } from '../../src/runtime/positions.ts';
import type { Publisher } from '../../src/runtime/publisher.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';
import { createExampleFormer } from './example-former.ts';
import { createOrderedPublishing } from './ordered-publishing.ts';

/*
 * Invariant: a source's watermark never stands in `examples` before an example that precedes it. Partitions are handled
 * side by side, so that their appends and commits go together; but what follows from the labels and the features of one
 * partition is appended in the order in which it was formed (ordered-publishing.ts): else the watermark, which the second
 * of them completes, could overtake the examples of the first.
 */

export interface ExampleFormingParts {
  readonly ports: ServicePorts;
  readonly publisher: Publisher;
  /** Shards of another engine get no partitions: their models would differ in the last bit. */
  readonly engine: string;
  /** Gets the features of the partitions that this shard owns. */
  readonly catalogue: MaterialCatalogue;
  /** Told how far the features have been read. */
  readonly featured: Positions;
  /** After what lay in newly assigned partitions has been read again. */
  readonly onAssigned: () => void;
  /** After partitions came or went. */
  readonly onPartitions: () => void;
}

/** Forms examples in the partitions of labels and features that this shard owns. */
export function startExampleForming(parts: ExampleFormingParts): Promise<Service> {
  const { ports, publisher, engine, catalogue, featured } = parts;
  const { labels, features } = ports.topics;
  const former = createExampleFormer(ports.topics, catalogue);
  const publishing = createOrderedPublishing(publisher);
  const noteFeatures = (topic: string, partition: number, offset: number) => {
    if (topic === features.name) featured.set(partition, offset);
  };
  return startConsumer(ports, publisher, {
    group: 'training-shard',
    topics: [labels.name, features.name],
    kind: engine,
    concurrency: labels.partitions + features.partitions,
    async onAssigned(partitions) {
      const ranges = partitions.map(({ offset: to, ...at }) => ({ ...at, from: 0, to }));
      for await (const batch of ports.log.read(ranges.filter(({ to }) => to > 0))) {
        // What follows from these was published before their offsets were committed.
        for (const received of decodeRecords(batch).received) former.take(received);
      }
      for (const { partition } of partitions) former.published(partition);
      for (const { topic, partition, offset } of partitions) noteFeatures(topic, partition, offset);
      parts.onPartitions();
      parts.onAssigned();
    },
    async onRevoked(partitions) {
      for (const { partition } of partitions) {
        former.drop(partition);
        publishing.drop(partition);
        featured.set(partition, -1);
      }
      parts.onPartitions();
    },
    async handle(received, { topic, partition, offset }) {
      const end = { topic, partition, offset };
      await publishing.publish(
        end,
        received.flatMap((one) => former.take(one)),
      );
      if (topic === features.name) former.published(partition);
      noteFeatures(topic, partition, offset);
    },
  });
}
