import { describe, expect, it } from 'vitest';
import { startExampleForming } from '../../../services/training-shard/example-forming.ts';
import { MaterialCatalogue } from '../../../src/learning/data/material-catalogue.ts';
import type { LabelIngested } from '../../../src/model/events.ts';
import { keyPartition } from '../../../src/model/partitioner.ts';
import type { EventLog } from '../../../src/ports/event-log.ts';
import { createPositions } from '../../../src/runtime/positions.ts';
import { createPublisher, type Publication } from '../../../src/runtime/publisher.ts';
import { hashOf } from '../../support/campaigns.ts';
import { exampleOf, featurized } from '../../support/catalogues.ts';
import { openServiceWorld, receivedIn, SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

const { labels, features, examples } = SIMULATED_TOPICS;
const PARTITIONS = examples.partitions;
const MATERIALS = 40;
const SLOW = 0;

const ids = Array.from({ length: MATERIALS }, (_, i) => `mp-${i}`);
const partitionOf = (id: string) => keyPartition(new TextEncoder().encode(id), PARTITIONS);
const labelled = ids.map((id) => exampleOf(featurized({ id }), { g_vrh: 80, k_vrh: 120 }));

/** Labels, features and both watermarks of one source. */
function sourceEvents(): Publication[] {
  const watermarks = Array.from({ length: PARTITIONS }, (_, partition) => ({
    ...{ type: 'SourcePartitionCompleted', source: labelled[0]!.source, partition, count: 1, hash: hashOf('ids') },
  })) as Extract<Publication['event'], { type: 'SourcePartitionCompleted' }>[];
  return [
    ...labelled.map(({ source, label }) => ({ event: { type: 'LabelIngested', source, label } as LabelIngested })),
    ...watermarks.map((event) => ({ event, topic: labels })),
    ...ids.map((id) => ({ event: featurized({ id }) })),
    ...watermarks.map((event) => ({ event, topic: features })),
  ];
}

describe('forming examples', () => {
  it('goes on in other partitions while one waits for the log, and a watermark overtakes no example', async () => {
    const { world, ports, run, given } = openServiceWorld();
    let letThrough = () => {};
    const gate = new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    const append: EventLog['append'] = async (at, events) => {
      if (at.topic === examples.name && at.partition === SLOW) await gate;
      return ports.log.append(at, events);
    };
    const slow = { ...ports, log: { ...ports.log, append } };
    const starting = startExampleForming({
      ...{ ports: slow, publisher: createPublisher(slow, 'training-shard'), engine: 'e' },
      catalogue: new MaterialCatalogue({ vectors: true, partitions: PARTITIONS }),
      featured: createPositions(PARTITIONS, -1),
      ...{ onAssigned: () => {}, onPartitions: () => {} },
    });
    await run(starting);
    await run(given(...sourceEvents()));
    await run(ports.clock.sleep(60_000));
    const formed = (partition: number) =>
      receivedIn(world, examples)
        .filter((one) => one.partition === partition)
        .map(({ event }) => (event.type === 'ExampleFormed' ? event.facts.materialId : event.type));
    const expected = (partition: number) => [
      ...ids.filter((id) => partitionOf(id) === partition),
      'SourcePartitionCompleted',
    ];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      expect(formed(partition)).toEqual(partition === SLOW ? [] : expected(partition));
    }
    letThrough();
    await run(ports.clock.sleep(60_000));
    expect(formed(SLOW)).toEqual(expected(SLOW));
    expect(expected(SLOW).length).toBeGreaterThan(2);
  });
});
