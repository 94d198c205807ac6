import { StepBudget } from '../kernels/step-budget.ts';
import { tessellate } from '../kernels/voronoi/tessellate.ts';
import { compositionOf } from '../model/composition.ts';
import type { Material } from '../model/material.ts';
import { writeCompositionFeatures } from './composition-features.ts';
import { COMPOSITION_OFFSET, MP_OFFSET, STRUCTURE_OFFSET } from './feature-schema.ts';
import { type CellChoice, writeMpProperties } from './mp-properties.ts';
import { writeStructureFeatures } from './structure-features.ts';

export interface MaterialFeaturizer {
  /**
   * Writes the feature vector of a material.
   * Shapes: `out` Float64Array[281], in the order and units of FEATURES; NaN for unknown properties.
   * @throws RejectedInput `overlapping_sites`, even if no requested feature needs the distances: such a structure is
   * wrong; `too_costly` if it needs more than STEPS_MAX steps
   */
  featurize(material: Material, out: Float64Array): void;
}

/** The featurizer of a schema (see featureSchemaId). */
export function createMaterialFeaturizer({ cell }: { readonly cell: CellChoice }): MaterialFeaturizer {
  return {
    featurize(material, out) {
      const { structure } = material;
      const composition = compositionOf(structure);
      const budget = new StepBudget(structure.atomicNumbers.length);
      const tessellation = tessellate(structure, { budget });
      writeMpProperties(material, composition, cell, out, MP_OFFSET, budget);
      writeCompositionFeatures(composition, out, COMPOSITION_OFFSET);
      writeStructureFeatures(structure, composition, tessellation, out, STRUCTURE_OFFSET, budget);
    },
  };
}
