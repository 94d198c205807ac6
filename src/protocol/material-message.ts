import { ATOMIC_NUMBER_MAX } from '../model/element-symbols.ts';
import { createLattice } from '../model/lattice.ts';
import type { Material } from '../model/material.ts';
import type { MaterialFacts } from '../model/material-facts.ts';
import { parseMaterialId } from '../model/material-id.ts';
import { createStructure } from '../model/structure.ts';
import { badMessage, inField } from './bad-message.ts';
import { hashField, requiredField } from './checked-field.ts';
import type {
  MaterialFacts as MaterialFactsMessage,
  Material as MaterialMessage,
} from './generated/elastream/v1/events.generated.ts';
import { knownFields } from './known-fields.ts';

export function toMaterialMessage({ structure, ...properties }: Material): MaterialMessage {
  const { lattice, atomicNumbers, fracCoords } = structure;
  return {
    ...properties,
    structure: { lattice: Array.from(lattice.matrix), atomicNumbers, fracCoords: Array.from(fracCoords) },
  };
}

export function fromMaterialMessage(message: MaterialMessage, field: string): Material {
  const { lattice, atomicNumbers, fracCoords } = requiredField(message.structure, `${field}.structure`);
  return knownFields<Material>({
    id: inField(`${field}.id`, () => parseMaterialId(message.id)),
    structure: inField(`${field}.structure`, () => createStructure(createLattice(lattice), atomicNumbers, fracCoords)),
    spaceGroup: message.spaceGroup,
    bandGap: message.bandGap,
    formationEnergyPerAtom: message.formationEnergyPerAtom,
    energyAboveHull: message.energyAboveHull,
  });
}

export function fromFactsMessage(message: MaterialFactsMessage, field: string): MaterialFacts {
  return knownFields<MaterialFacts>({
    materialId: inField(`${field}.material_id`, () => parseMaterialId(message.materialId)),
    materialHash: hashField(message.materialHash, `${field}.material_hash`),
    elements: elementsField(message.elements, `${field}.elements`),
    reducedFormula: message.reducedFormula,
    siteCount: message.siteCount,
    bandGap: message.bandGap,
    formationEnergyPerAtom: message.formationEnergyPerAtom,
    energyAboveHull: message.energyAboveHull,
  });
}

/** Returns a copy, because the log may reuse the memory of the bytes. */
function elementsField(bytes: Uint8Array, field: string): Uint8Array {
  const isElement = (z: number, i: number) => z > (i === 0 ? 0 : bytes[i - 1]!) && z <= ATOMIC_NUMBER_MAX;
  if (!bytes.every(isElement)) {
    throw badMessage(field, `must be atomic numbers from 1 to ${ATOMIC_NUMBER_MAX}, ascending, not ${bytes.join(' ')}`);
  }
  return Uint8Array.from(bytes);
}
