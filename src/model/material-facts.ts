import { compositionOf, reducedFormula } from './composition.ts';
import type { ContentHash } from './content-hash.ts';
import type { Material } from './material.ts';
import type { MaterialId } from './material-id.ts';
import { siteCount } from './structure.ts';

/** The facts about a material version that filters of data and candidates need; far smaller than its structure. */
export interface MaterialFacts {
  readonly materialId: MaterialId;
  readonly materialHash: ContentHash;
  /** Distinct atomic numbers, ascending. */
  readonly elements: Uint8Array;
  readonly reducedFormula: string;
  readonly siteCount: number;
  /** eV. */
  readonly bandGap?: number;
  /** eV per atom. */
  readonly formationEnergyPerAtom?: number;
  /** eV per atom. */
  readonly energyAboveHull?: number;
}

export function materialFacts(material: Material, materialHash: ContentHash): MaterialFacts {
  const { id, structure, bandGap, formationEnergyPerAtom, energyAboveHull } = material;
  const composition = compositionOf(structure);
  return {
    materialId: id,
    materialHash,
    elements: composition.atomicNumbers,
    reducedFormula: reducedFormula(composition),
    siteCount: siteCount(structure),
    ...(bandGap !== undefined && { bandGap }),
    ...(formationEnergyPerAtom !== undefined && { formationEnergyPerAtom }),
    ...(energyAboveHull !== undefined && { energyAboveHull }),
  };
}
