import { describe, expect, it } from 'vitest';
import { startFeaturization } from '../../../services/featurization/featurization.ts';
import { LOOP_FEATURE_SCHEMA } from '../../../services/featurization/loop-featurizer.ts';
import type { MaterialIngested, SourcePartitionCompleted, StructureFeaturized } from '../../../src/model/events.ts';
import { createLattice } from '../../../src/model/lattice.ts';
import { featureVectorHash, materialHash } from '../../../src/model/material-hash.ts';
import { type MaterialId, parseMaterialId } from '../../../src/model/material-id.ts';
import { keyPartition } from '../../../src/model/partitioner.ts';
import { createStructure } from '../../../src/model/structure.ts';
import { hashOf } from '../../support/campaigns.ts';
import { openServiceWorld, SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

const { materials, features, rejections } = SIMULATED_TOPICS;

function ingested(name: string, secondSite = 0.5): MaterialIngested {
  const lattice = createLattice([4, 0, 0, 0, 4, 0, 0, 0, 4]);
  const structure = createStructure(lattice, [55, 17], [0, 0, 0, secondSite, secondSite, secondSite]);
  const material = { id: parseMaterialId(name), structure };
  return { type: 'MaterialIngested', source: 's', material, materialHash: materialHash(material) };
}

const watermarkOf = (id: MaterialId): SourcePartitionCompleted => {
  const partition = keyPartition(new TextEncoder().encode(id), materials.partitions);
  return { type: 'SourcePartitionCompleted', source: 's', partition, count: 1, hash: hashOf('ids') };
};

describe('featurization', () => {
  it('turns a material into features, then passes the watermark behind it on', async () => {
    const { node, ports, run, given, eventsOf } = openServiceWorld();
    const event = ingested('mp-1');
    const watermark = watermarkOf(event.material.id);
    await run(given({ event }, { event: watermark, topic: materials }));
    await run(startFeaturization(ports, node.featurizer));
    await run(ports.clock.sleep(1000));
    const [featurized, ended] = eventsOf(features) as [StructureFeaturized, unknown];
    const facts = { materialId: 'mp-1', materialHash: event.materialHash, reducedFormula: 'CsCl', siteCount: 2 };
    expect(featurized).toMatchObject({ type: 'StructureFeaturized', source: 's', facts });
    expect(featurized.vector).toHaveLength(281);
    expect(featurized.featuresHash).toBe(featureVectorHash(LOOP_FEATURE_SCHEMA, featurized.vector));
    expect(ended).toEqual(watermark);
  });

  it('refuses a structure that cannot be featurized before it passes the watermark on', async () => {
    const { world, node, ports, run, given, eventsOf } = openServiceWorld();
    const event = ingested('mp-2', 0.001);
    await run(given({ event }, { event: watermarkOf(event.material.id), topic: materials }));
    await run(startFeaturization(ports, node.featurizer));
    await run(ports.clock.sleep(1000));
    const rejection = { code: 'overlapping_sites', source: 's', materialId: 'mp-2' };
    expect(eventsOf(rejections)).toMatchObject([{ rejection }]);
    expect(eventsOf(features).map(({ type }) => type)).toEqual(['SourcePartitionCompleted']);
    const stored = world.story.filter((line) => line.includes(': stored elastream.') && line.includes('tested#1'));
    expect(stored.map((line) => line.includes('rejections'))).toEqual([true, false]);
  });
});
