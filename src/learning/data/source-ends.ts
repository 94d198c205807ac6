import type { SourcePartitionCompleted } from '../../model/events.ts';

/*
 * The completion of a source closes it for ever. Its watermark is in every partition of four topics. Data of the source
 * that follow the first watermark in the same partition of the same topic are late and do not count, unless identical
 * data came before. So the log alone decides, and every reader decides alike, whatever the timing.
 */

/** The first watermark of each source in each partition, as far as topics have been read in order. */
export class SourceEnds {
  private readonly ends = new Map<string, Map<number, SourcePartitionCompleted>>();

  add(topic: string, watermark: SourcePartitionCompleted): void {
    const { source, partition } = watermark;
    const byPartition = this.of(topic, source) ?? new Map<number, SourcePartitionCompleted>();
    if (!byPartition.has(partition)) byPartition.set(partition, watermark);
    this.ends.set(`${topic} ${source}`, byPartition);
  }

  /** Whether the next data of the source in this partition are late. */
  has(topic: string, source: string, partition: number): boolean {
    return this.of(topic, source)?.has(partition) ?? false;
  }

  /** The watermarks of a source in a topic, by partition. */
  of(topic: string, source: string): Map<number, SourcePartitionCompleted> | undefined {
    return this.ends.get(`${topic} ${source}`);
  }

  /** Forgets a partition of a topic that will be read from its beginning again. */
  drop(topic: string, partition: number): void {
    for (const [key, byPartition] of this.ends) if (key.startsWith(`${topic} `)) byPartition.delete(partition);
  }
}
