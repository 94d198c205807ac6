import { afterEach, describe, expect, it } from 'vitest';
import { createLoopFeaturizer } from '../../services/featurization/loop-featurizer.ts';
import { createLattice } from '../../src/model/lattice.ts';
import type { Material } from '../../src/model/material.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { createStructure } from '../../src/model/structure.ts';
import type { Featurizer } from '../../src/ports/featurizer.ts';
import { CRYSTALS, supercell } from '../support/crystals.ts';

const featurized = createLoopFeaturizer();
const overlapping: Material = {
  id: parseMaterialId('overlapping'),
  structure: createStructure(createLattice([4, 0, 0, 0, 4, 0, 0, 0, 4]), [55, 17], [0, 0, 0, 0.001, 0, 0]),
};
/** Small and larger materials in turn, with properties that a source may give. */
const materials: readonly Material[] = Object.values(CRYSTALS).flatMap(({ structure }, i) => [
  { id: parseMaterialId(`large-${i}`), structure: supercell(structure, [3, 2, 2]) },
  { id: parseMaterialId(`small-${i}`), structure, bandGap: i, energyAboveHull: 0 },
  { ...overlapping, id: parseMaterialId(`overlapping-${i}`) },
]);

/** The contract of every Featurizer. `create` creates one with this many workers. */
export function describeFeaturizer(name: string, create: (workers: number) => Featurizer): void {
  describe(`Featurizer: ${name}`, () => {
    let featurizer: Featurizer | undefined;
    afterEach(() => featurizer?.close());

    it('gives the very vector of each material, or the reason, on 1, 2 and 3 workers (2)', async () => {
      for (const workers of [1, 2, 3]) {
        featurizer = create(workers);
        const outcomes = await Promise.all(materials.map((material) => featurizer!.featurize(material)));
        expect(outcomes).toEqual(materials.map(featurized));
        await featurizer.close();
      }
      expect(featurized(overlapping)).toMatchObject({ refusal: { code: 'overlapping_sites' } });
    });

    it('leaves what it is given as it was, and may be given it again', async () => {
      featurizer = create(1);
      const [material] = materials as [Material];
      const before = structuredClone(material);
      const first = await featurizer.featurize(material);
      expect(await featurizer.featurize(material)).toEqual(first);
      expect(material).toEqual(before);
    });

    it('takes nothing more when it is closed, and may be closed twice', async () => {
      featurizer = create(1);
      await featurizer.close();
      await featurizer.close();
      await expect(featurizer.featurize(overlapping)).rejects.toMatchObject({ code: 'closed' });
    });
  });
}
