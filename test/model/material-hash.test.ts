import { describe, expect, it } from 'vitest';
import { createLattice } from '../../src/model/lattice.ts';
import type { Material } from '../../src/model/material.ts';
import { featureVectorHash, materialHash } from '../../src/model/material-hash.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { createStructure } from '../../src/model/structure.ts';

const lattice = createLattice([4, 0, 0, 0, 4, 0, 0, 0, 4]);
const structure = createStructure(lattice, [11, 17], [0, 0, 0, 0.5, 0.5, 0.5]);
const material: Material = { id: parseMaterialId('mp-22862'), structure };

describe('materialHash', () => {
  it('names id, structure and properties', () => {
    const moved = createStructure(lattice, [11, 17], [0, 0, 0, 0.5, 0.5, 0.25]);
    const versions: Material[] = [
      material,
      { ...material, id: parseMaterialId('x') },
      { ...material, structure: moved },
      { ...material, bandGap: 0 },
      { ...material, formationEnergyPerAtom: 0 },
    ];
    expect(new Set(versions.map((version) => materialHash(version))).size).toBe(versions.length);
    expect(
      materialHash({ id: material.id, structure: createStructure(lattice, [11, 17], [0, -0, 0, 0.5, 0.5, 0.5]) }),
    ).toBe(materialHash(material));
  });
});

describe('featureVectorHash', () => {
  it('names what other methods say, where they say something', () => {
    const vector = Float64Array.of(1, 2);
    const other = { method: { kind: 'simulated' }, values: { g_vrh: 1 } } as const;
    const names = [[], [other], [other, other], [{ ...other, values: { g_vrh: 2 } }]].map((fidelities) =>
      featureVectorHash('v1', vector, fidelities),
    );
    expect(names[0]).toBe(featureVectorHash('v1', vector));
    expect(new Set(names).size).toBe(4);
  });

  it('names schema and values', () => {
    const vector = Float64Array.of(1, Number.NaN);
    expect(featureVectorHash('v1', vector.slice())).toBe(featureVectorHash('v1', vector));
    expect(featureVectorHash('v2', vector)).not.toBe(featureVectorHash('v1', vector));
    expect(featureVectorHash('v1', Float64Array.of(1, 0))).not.toBe(featureVectorHash('v1', vector));
  });
});
