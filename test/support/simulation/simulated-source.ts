import { createLattice } from '../../../src/model/lattice.ts';
import { parseMaterialId } from '../../../src/model/material-id.ts';
import { createStructure } from '../../../src/model/structure.ts';
import type { MaterialSource, SourceItem } from '../../../src/ports/material-source.ts';
import { createPortCalls, type Life } from './life.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Surroundings } from './surroundings.ts';

/** A node's view of a source: the given items, unless it fails on the way. */
export function createSimulatedSource(
  around: Surroundings,
  life: Life,
  id: string,
  items: readonly SourceItem[],
): MaterialSource {
  const calls = createPortCalls(around, life, `source ${id}`);
  return {
    id,
    async *read(signal) {
      for (const [i, item] of items.entries()) {
        signal?.throwIfAborted();
        yield await calls.call(`read item ${i} of ${id}`, 'sourceCut', () => item);
      }
      return {};
    },
  };
}

/** Invented, distinct crystals of the rock salt type; by default half are labelled and one in ten is rejected. */
export function syntheticItems(count: number, random: SeededRandom, { labelled = 0.5 } = {}): SourceItem[] {
  return Array.from({ length: count }, (_, i) => {
    const locator = `line ${i + 1}`;
    if (random.chance(0.1)) {
      const rejection = { code: 'bad_number', message: 'a is not a number', source: 'synthetic', locator } as const;
      return { kind: 'rejection', rejection };
    }
    const edge = 4 + random.uniform() * 2;
    const [cation, anion] = [random.pick([3, 11, 12, 19, 20, 26, 37]), random.pick([8, 9, 16, 17, 34])];
    const lattice = createLattice([0, edge / 2, edge / 2, edge / 2, 0, edge / 2, edge / 2, edge / 2, 0]);
    const structure = createStructure(lattice, [cation, anion], [0, 0, 0, 0.5, 0.5, 0.5]);
    const material = { id: parseMaterialId(`sim-${i}`), structure, bandGap: random.uniform() * 8 };
    if (!random.chance(labelled)) return { kind: 'material', material };
    const values = { g_vrh: 600 / edge ** 2 + anion / 5, k_vrh: 1200 / edge ** 2 + cation / 5 };
    return { kind: 'material', material, label: { method: { kind: 'dft' }, provenance: locator, values } };
  });
}
