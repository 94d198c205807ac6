import type { MaterialId } from './material-id.ts';
import type { Structure } from './structure.ts';

/** A crystal structure with an id and the properties that its source gives. An absent property is unknown. */
export interface Material {
  readonly id: MaterialId;
  readonly structure: Structure;
  /** International number, 1 to 230, at symprec 0.1 Angstrom. */
  readonly spaceGroup?: number;
  /** eV. */
  readonly bandGap?: number;
  /** eV per atom. */
  readonly formationEnergyPerAtom?: number;
  /** eV per atom. */
  readonly energyAboveHull?: number;
}
