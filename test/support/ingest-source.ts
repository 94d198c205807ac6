import { materialHash } from '../../src/model/material-hash.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { MaterialSource } from '../../src/ports/material-source.ts';
import type { Publication, Publisher } from '../../src/runtime/publisher.ts';
import { createSourceTally, inputRejected, materialEvents } from '../../src/runtime/source-events.ts';

interface IngestOptions {
  readonly topics: Topics;
  readonly publisher: Publisher;
  /** Where the source's labels belong. */
  readonly labelSet: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (tally: IngestTally) => void;
}

interface IngestTally {
  materials: number;
  labels: number;
  rejected: number;
}

/** Items between two waits for the log: bounds the memory, and the loss of time where the source breaks off. */
const ITEMS_PER_APPEND = 256;

/**
 * Brings a source into the log without a gateway, for tests of what comes after, whole: materials and labels to their partitions, what is refused to the rejections, and
 * last a watermark to every partition. Broken off, it is started again from the beginning: the same events again.
 */
export async function ingestSource(source: MaterialSource, options: IngestOptions): Promise<IngestTally> {
  const { topics, publisher, labelSet, signal } = options;
  const tally: IngestTally = { materials: 0, labels: 0, rejected: 0 };
  const brought = createSourceTally(topics);
  let waiting: Publication[] = [];
  const flush = async () => {
    await publisher.publish(waiting);
    waiting = [];
    options.onProgress?.({ ...tally });
  };
  for await (const item of source.read(signal)) {
    signal?.throwIfAborted();
    if (item.kind === 'rejection') {
      tally.rejected++;
      waiting.push({ event: inputRejected(source.id, item.rejection) });
    } else {
      const { material, label } = item;
      const hash = materialHash(material);
      brought.add(material.id, hash);
      tally.materials++;
      if (label !== undefined) tally.labels++;
      const labels = label === undefined ? [] : [{ ...label, labelSet }];
      waiting.push(...materialEvents(source.id, material, hash, labels).map((event) => ({ event })));
    }
    if (waiting.length >= ITEMS_PER_APPEND) await flush();
  }
  await flush();
  // After everything else is in the log.
  await publisher.publish(brought.watermarks(source.id));
  return tally;
}
