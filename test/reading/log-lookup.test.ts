import { describe, expect, it } from 'vitest';
import type { MaterialIngested, SourcePartitionCompleted } from '../../src/model/events.ts';
import { materialHash } from '../../src/model/material-hash.ts';
import { createIngestedSources, createLogLookup } from '../../src/reading/log-lookup.ts';
import { hashOf } from '../support/campaigns.ts';
import { exampleOf, featurized, materialName } from '../support/catalogues.ts';
import { createSeededRandom } from '../support/simulation/seeded-random.ts';
import { openServiceWorld, SIMULATED_TOPICS } from '../support/simulation/service-world.ts';
import { syntheticItems } from '../support/simulation/simulated-source.ts';

const { materials, labels } = SIMULATED_TOPICS;

const LABELS = [0, 1, 2, 3].map((i) => {
  const { source, label } = exampleOf(featurized({ id: materialName(i % 2) }), { g_vrh: i });
  return { type: 'LabelIngested', source, label } as const;
});
const MATERIALS = syntheticItems(30, createSeededRandom(1)).flatMap((item): MaterialIngested[] => {
  if (item.kind === 'rejection') return [];
  const { material } = item;
  return [{ type: 'MaterialIngested', source: 's', material, materialHash: materialHash(material) }];
});

describe('a look into the log', () => {
  it('finds all labels of a material, of it alone', async () => {
    const { ports, run, given } = openServiceWorld();
    const lookup = createLogLookup(ports.log, SIMULATED_TOPICS);
    const id = materialName(1);
    expect(await run(lookup.labelsOf(id))).toEqual([]);
    await run(given(...LABELS.map((event) => ({ event }))));
    expect(await run(lookup.labelsOf(id))).toEqual([LABELS[1]!.label, LABELS[3]!.label]);
    expect(await run(lookup.labelsOf(materialName(7)))).toEqual([]);
  });

  it('finds the version of a material that is asked for', async () => {
    const { ports, run, given } = openServiceWorld();
    await run(given(...MATERIALS.map((event) => ({ event }))));
    const lookup = createLogLookup(ports.log, SIMULATED_TOPICS);
    const { material, materialHash: hash } = MATERIALS[5]!;
    expect(await run(lookup.materialVersion(material.id, hash))).toEqual(material);
    expect(await run(lookup.materialVersion(material.id, hashOf('another')))).toBeUndefined();
  });
});

describe('many looks into one partition', () => {
  it('read it once, and then what they ask for', async () => {
    const { ports, run, given } = openServiceWorld();
    await run(given(...MATERIALS.map((event) => ({ event }))));
    let read = 0;
    const log: typeof ports.log = {
      ...ports.log,
      async *read(ranges) {
        for await (const batch of ports.log.read(ranges)) {
          read += batch.records.length;
          yield batch;
        }
      },
    };
    const { materialVersion } = createLogLookup(log, SIMULATED_TOPICS);
    const found = () => MATERIALS.map(({ material: { id }, materialHash: hash }) => materialVersion(id, hash));
    expect(await run(Promise.all(found()))).toEqual(MATERIALS.map(({ material }) => material));
    expect(read).toBe(2 * MATERIALS.length);
    await run(Promise.all(found()));
    expect(read).toBe(3 * MATERIALS.length);
  });
});

describe('sources brought in whole', () => {
  const watermark = (source: string, partition: number): SourcePartitionCompleted => ({
    ...{ type: 'SourcePartitionCompleted', source, partition, count: 0, hash: hashOf(source) },
  });
  const partitions = Array.from({ length: materials.partitions }, (_, partition) => partition);
  const all = (source: string) =>
    partitions.flatMap((partition) =>
      [materials, labels].map((topic) => ({ event: watermark(source, partition), topic })),
    );

  it('are those whose end stands in every partition of both topics', async () => {
    const { ports, run, given } = openServiceWorld();
    expect(await run(createIngestedSources(ports.log, SIMULATED_TOPICS)())).toEqual(new Set());
    await run(given(...all('whole'), ...all('cut').slice(1), ...MATERIALS.map((event) => ({ event }))));
    expect(await run(createIngestedSources(ports.log, SIMULATED_TOPICS)())).toEqual(new Set(['whole']));
  });

  it('are not taken for whole where one of their ends came twice', async () => {
    const { ports, run, given } = openServiceWorld();
    await run(given(...all('cut').slice(1)));
    await run(given(all('cut')[1]!));
    expect(await run(createIngestedSources(ports.log, SIMULATED_TOPICS)())).toEqual(new Set());
  });
});
