import { materialHash } from '../../src/model/material-hash.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { MaterialSource } from '../../src/ports/material-source.ts';
import type { Publication, Publisher } from '../../src/runtime/publisher.ts';
import { createSourceTally, inputRejected, materialEvents } from '../../src/runtime/source-events.ts';

interface IngestOptions {
  readonly topics: Topics;
  readonly publisher: Publisher;
  /** Label set of the source's labels. */
  readonly labelSet: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (tally: IngestTally) => void;
}

interface IngestTally {
  materials: number;
  labels: number;
  rejected: number;
}

/**
 * Number of items between two waits for the log. It limits the memory, and the time that is lost if the source breaks
 * off.
 */
const ITEMS_PER_APPEND = 256;

/**
 * Ingests a whole source into the log without a gateway, for tests of what follows: materials and labels into their
 * partitions, refused items into the rejections, and last a watermark into every partition. After an interruption the
 * caller starts again from the beginning; the events are then the same.
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
  // Watermarks come after everything else is in the log.
  await publisher.publish(brought.watermarks(source.id));
  return tally;
}
