import { StepBudget } from '../kernels/step-budget.ts';
import { PeriodicSites } from '../kernels/voronoi/periodic-sites.ts';
import { tessellate } from '../kernels/voronoi/tessellate.ts';
import { compositionOf } from '../model/composition.ts';
import type { Material } from '../model/material.ts';
import { writeCompositionFeatures } from './composition-features.ts';
import { COMPOSITION_OFFSET, GEOMETRY_OFFSET, MP_OFFSET, STRUCTURE_OFFSET } from './feature-schema.ts';
import { writeGeometricFeatures } from './geometric-features.ts';
import { type CellChoice, writeMpProperties } from './mp-properties.ts';
import { writeStructureFeatures } from './structure-features.ts';

export interface MaterialFeaturizer {
  /**
   * Writes the feature vector of a material.
   * Shapes: `out` Float64Array[281], or [358] with bonds and geometry, in the order and units of ALL_FEATURES; NaN for
   * unknown properties.
   * @throws RejectedInput `overlapping_sites`, even if no requested feature needs the distances: such a structure is
   * wrong; `too_costly` if it needs more than STEPS_MAX steps
   */
  featurize(material: Material, out: Float64Array): void;
}

export interface FeaturizerSettings {
  readonly cell: CellChoice;
  /** Whether the features of bonds and geometry are written too. */
  readonly geometric?: boolean;
}

/** The featurizer of a schema (see featureSchemaId). */
export function createMaterialFeaturizer({ cell, geometric = false }: FeaturizerSettings): MaterialFeaturizer {
  return {
    featurize(material, out) {
      const { structure } = material;
      const composition = compositionOf(structure);
      const budget = new StepBudget(structure.atomicNumbers.length);
      const sites = new PeriodicSites(structure, budget);
      const tessellation = tessellate(structure, { budget, sites });
      writeMpProperties(material, composition, cell, out, MP_OFFSET, budget);
      writeCompositionFeatures(composition, out, COMPOSITION_OFFSET);
      writeStructureFeatures(structure, composition, tessellation, out, STRUCTURE_OFFSET, budget);
      if (geometric) writeGeometricFeatures(structure, sites, out, GEOMETRY_OFFSET);
    },
  };
}
