import { nameIds } from '../../src/learning/round-snapshot.ts';
import { type ContentHash, contentHash } from '../../src/model/content-hash.ts';
import type { InputRejected } from '../../src/model/events.ts';
import { createLabel } from '../../src/model/label.ts';
import { materialHash } from '../../src/model/material-hash.ts';
import { keyPartition } from '../../src/model/partitioner.ts';
import type { Rejection } from '../../src/model/rejection.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { MaterialSource, SourceItem } from '../../src/ports/material-source.ts';
import type { Publication, Publisher } from '../../src/runtime/publisher.ts';

export interface IngestOptions {
  readonly topics: Topics;
  readonly publisher: Publisher;
  /** Where the source's labels belong. */
  readonly labelSet: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (tally: IngestTally) => void;
}

export interface IngestTally {
  materials: number;
  labels: number;
  rejected: number;
}

/** Items between two waits for the log: bounds the memory, and the loss of time where the source breaks off. */
const ITEMS_PER_APPEND = 256;

/**
 * Brings a source into the log, whole: materials and labels to their partitions, what is refused to the rejections, and
 * last a watermark to every partition. Broken off, it is started again from the beginning: the same events again.
 */
export async function ingestSource(source: MaterialSource, options: IngestOptions): Promise<IngestTally> {
  const { topics, publisher, signal } = options;
  const tally: IngestTally = { materials: 0, labels: 0, rejected: 0 };
  const hashes: ContentHash[][] = Array.from({ length: topics.materials.partitions }, () => []);
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
      const key = new TextEncoder().encode(item.material.id);
      const hash = materialHash(item.material);
      hashes[keyPartition(key, hashes.length)]!.push(hash);
      tally.materials++;
      if (item.label !== undefined) tally.labels++;
      waiting.push(...materialEvents(source.id, item, hash, options.labelSet).map((event) => ({ event })));
    }
    if (waiting.length >= ITEMS_PER_APPEND) await flush();
  }
  await flush();
  // After everything else is in the log.
  await publisher.publish(
    hashes.flatMap((own, partition) => {
      const event = { type: 'SourcePartitionCompleted', source: source.id, partition, ...nameIds(own) } as const;
      return [topics.materials, topics.labels].map((topic) => ({ event, topic }));
    }),
  );
  return tally;
}

function materialEvents(
  source: string,
  { material, label: known }: SourceItem & { kind: 'material' },
  hash: ContentHash,
  labelSet: string,
) {
  const ingested = { type: 'MaterialIngested', source, material, materialHash: hash } as const;
  if (known === undefined) return [ingested];
  const label = createLabel({ materialId: material.id, materialHash: hash, labelSet, ...known });
  return [ingested, { type: 'LabelIngested', source, label } as const];
}

/** What a source refused, under an id that it has however often the source is read. */
export function inputRejected(source: string, rejection: Rejection): InputRejected {
  const { code, message, locator, materialId } = rejection;
  const id = contentHash('rejection', [source, rejection.source, locator ?? null, code, message, materialId ?? null]);
  return { type: 'InputRejected', id, rejection };
}
