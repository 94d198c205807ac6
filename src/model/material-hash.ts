import { type ContentHash, contentHash } from './content-hash.ts';
import { type FidelityValues, methodFields, valueFields } from './label.ts';
import type { Material } from './material.ts';

/**
 * Names a version of a material: the same id with another structure, or with other properties that enter the features,
 * is another version.
 */
export function materialHash(material: Material): ContentHash {
  const { lattice, atomicNumbers, fracCoords } = material.structure;
  const { spaceGroup, bandGap, formationEnergyPerAtom, energyAboveHull } = material;
  const properties = [spaceGroup, bandGap, formationEnergyPerAtom, energyAboveHull].map((value) => value ?? null);
  return contentHash('material', [material.id, lattice.matrix, atomicNumbers, fracCoords, ...properties]);
}

/**
 * Names a feature vector and the values of other methods beside it. A snapshot stores this hash with each label, so that
 * no shard trains on another vector.
 */
export function featureVectorHash(
  featureSchema: string,
  vector: Float64Array,
  fidelities: readonly FidelityValues[] = [],
): ContentHash {
  if (fidelities.length === 0) return contentHash('features', [featureSchema, vector]);
  const others = fidelities.map(({ method, ...measured }) => [methodFields(method), valueFields(measured)]);
  return contentHash('features-with-fidelities', [featureSchema, vector, others]);
}
