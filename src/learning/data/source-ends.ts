import type { SourcePartitionCompleted } from '../../model/events.ts';

/*
 * A source is closed for life by its completion. Its watermark stands in every partition of four topics; what comes
 * under its name after the first one in the same partition of the same topic is late, and counts for nothing, unless the
 * very same came before it. So the log alone decides, and every reader decides alike, whoever was faster.
 */

/** The first watermark of each source in each partition, as far as some topics have been read, each in its order. */
export class SourceEnds {
  private readonly ends = new Map<string, Map<number, SourcePartitionCompleted>>();

  add(topic: string, watermark: SourcePartitionCompleted): void {
    const { source, partition } = watermark;
    const byPartition = this.of(topic, source) ?? new Map<number, SourcePartitionCompleted>();
    if (!byPartition.has(partition)) byPartition.set(partition, watermark);
    this.ends.set(`${topic} ${source}`, byPartition);
  }

  /** Whether what comes next of the source, in this partition, is late. */
  has(topic: string, source: string, partition: number): boolean {
    return this.of(topic, source)?.has(partition) ?? false;
  }

  /** By partition. */
  of(topic: string, source: string): Map<number, SourcePartitionCompleted> | undefined {
    return this.ends.get(`${topic} ${source}`);
  }

  /** Forgets a partition of a topic, which is read from its beginning again. */
  drop(topic: string, partition: number): void {
    for (const [key, byPartition] of this.ends) if (key.startsWith(`${topic} `)) byPartition.delete(partition);
  }
}
