import { describe, expect, it } from 'vitest';
import { ingestSource } from '../../../services/ingestion/ingest-source.ts';
import { keyPartition } from '../../../src/model/partitioner.ts';
import type { SourceItem } from '../../../src/ports/material-source.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { conflictingEvents } from '../../support/simulation/checked-guarantees.ts';
import { createSeededRandom } from '../../support/simulation/seeded-random.ts';
import { openServiceWorld, receivedIn, SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';
import { syntheticItems } from '../../support/simulation/simulated-source.ts';
import type { WorldOptions } from '../../support/simulation/world.ts';

const { materials, labels, rejections } = SIMULATED_TOPICS;
const ITEMS = syntheticItems(600, createSeededRandom(1));
const MATERIALS = ITEMS.flatMap((item) => (item.kind === 'material' ? [item] : []));
const LABELLED = MATERIALS.filter(({ label }) => label);

function open(options: Partial<WorldOptions> = {}) {
  const world = openServiceWorld(options);
  const publisher = createPublisher(world.ports, 'ingestion');
  const ingest = (items: readonly SourceItem[] = ITEMS, signal?: AbortSignal) =>
    ingestSource(world.node.source('s', items), {
      ...{ topics: SIMULATED_TOPICS, publisher, labelSet: 'known' },
      ...(signal && { signal }),
    });
  return { ...world, ingest };
}

describe('ingesting a source', () => {
  it('brings all of it to the log and counts it', async () => {
    const { run, ingest, eventsOf } = open();
    const tally = await run(ingest());
    const rejected = ITEMS.length - MATERIALS.length;
    expect(tally).toEqual({ materials: MATERIALS.length, labels: LABELLED.length, rejected });
    const ingested = eventsOf(materials).filter(({ type }) => type === 'MaterialIngested');
    expect(ingested).toHaveLength(MATERIALS.length);
    expect(eventsOf(labels).filter(({ type }) => type === 'LabelIngested')).toHaveLength(LABELLED.length);
    expect(eventsOf(rejections)).toHaveLength(rejected);
  });

  it('puts each label into its label set, with the version of the material that it belongs to', async () => {
    const { run, ingest, eventsOf } = open();
    await run(ingest(LABELLED.slice(0, 1)));
    const material = eventsOf(materials).find((event) => event.type === 'MaterialIngested');
    const label = eventsOf(labels).find((event) => event.type === 'LabelIngested');
    expect(label).toMatchObject({ source: 's', label: { labelSet: 'known', ...LABELLED[0]!.label } });
    expect(label!.label.materialHash).toBe(material!.materialHash);
  });

  it('ends every partition of both topics after all else, with what the partition holds', async () => {
    const { world, run, ingest } = open();
    await run(ingest());
    for (const topic of [materials, labels]) {
      for (let partition = 0; partition < topic.partitions; partition++) {
        const own = receivedIn(world, topic).filter((received) => received.partition === partition);
        const last = own.at(-1)!.event;
        const ids = MATERIALS.map(({ material }) => new TextEncoder().encode(material.id));
        const count = ids.filter((id) => keyPartition(id, topic.partitions) === partition).length;
        expect(last).toMatchObject({ type: 'SourcePartitionCompleted', source: 's', partition, count });
        expect(own.filter(({ event }) => event.type === 'SourcePartitionCompleted')).toHaveLength(1);
      }
    }
  });

  it('also ends the partitions of a source that holds nothing', async () => {
    const { run, ingest, eventsOf } = open();
    await run(ingest([]));
    expect(eventsOf(materials)).toHaveLength(materials.partitions);
    expect(eventsOf(materials)[0]).toMatchObject({ type: 'SourcePartitionCompleted', count: 0 });
  });

  it('brings the same events where it broke off and begins again', async () => {
    const { world, run, ingest } = open({ faults: { sourceCut: 0.003, appendCut: 0.05 } });
    let attempts = 0;
    for (let done = false; !done; attempts++) {
      done = await run(ingest()).then(
        () => true,
        () => false,
      );
    }
    expect(attempts).toBeGreaterThan(1);
    expect(conflictingEvents(world.logContent(), (_, { value }) => Buffer.from(value).toString('hex'))).toEqual([]);
    const ids = new Set(
      world.stored.log
        .records(materials.name)
        .flat()
        .map(({ id }) => id),
    );
    expect(ids.size).toBe(MATERIALS.length + materials.partitions);
  });

  it('ends nothing where it is interrupted', async () => {
    const { ports, run, ingest, eventsOf } = open({ faults: { delay: 1 } });
    const stopping = new AbortController();
    void ports.clock.sleep(60_000).then(() => stopping.abort());
    await expect(run(ingest(ITEMS, stopping.signal))).rejects.toThrow();
    expect(eventsOf(materials).filter(({ type }) => type === 'SourcePartitionCompleted')).toEqual([]);
  });
});
