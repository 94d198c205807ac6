import { describe, expect, it } from 'vitest';
import { createSeenIds, structureFingerprint } from '../../../../src/adapters/sources/files/seen-ids.ts';
import { createLattice } from '../../../../src/model/lattice.ts';
import type { Material } from '../../../../src/model/material.ts';
import { type MaterialId, parseMaterialId } from '../../../../src/model/material-id.ts';
import { createStructure } from '../../../../src/model/structure.ts';

const origin = (id: string, fingerprint = '0'.repeat(32)) => ({
  id: id as MaterialId,
  source: 's',
  locator: 'line 2',
  fingerprint,
});

describe('seen ids', () => {
  it('refuses the second of two equal ids, and says whether the structures differ', () => {
    const seen = createSeenIds();
    expect(seen.admit(origin('a'))).toBeUndefined();
    expect(seen.admit(origin('b'))).toBeUndefined();
    expect(seen.admit(origin('a'))).toMatchObject({
      code: 'duplicate_id',
      materialId: 'a',
      source: 's',
      locator: 'line 2',
      message: expect.stringContaining('very same'),
    });
    expect(seen.admit(origin('a', 'f'.repeat(32)))?.message).toContain('another structure');
    expect(seen.size).toBe(2);
  });

  it('tells 20,000 ids apart, through growth', () => {
    const seen = createSeenIds();
    for (let i = 0; i < 20_000; i++) expect(seen.admit(origin(`mp-${i}`))).toBeUndefined();
    for (let i = 0; i < 20_000; i += 7) expect(seen.admit(origin(`mp-${i}`))).toBeDefined();
    expect(seen.size).toBe(20_000);
  });
});

describe('fingerprint', () => {
  const material = (change: Partial<Material> & { x?: number; z?: number } = {}): Material => {
    const { x = 0.5, z = 11, ...known } = change;
    const structure = createStructure(createLattice([3, 0, 0, 0, 3, 0, 0, 0, 3]), [z], [x, 0, 0]);
    return { id: parseMaterialId('a'), structure, ...known };
  };

  it('depends on the structure and on what is known, not on the id', () => {
    const base = structureFingerprint(material());
    expect(base).toMatch(/^[0-9a-f]{32}$/);
    expect(structureFingerprint({ ...material(), id: parseMaterialId('b') })).toBe(base);
    for (const change of [{ x: 0.25 }, { z: 12 }, { bandGap: 0 }, { spaceGroup: 1 }, { energyAboveHull: 0 }]) {
      expect(structureFingerprint(material(change))).not.toBe(base);
    }
    expect(structureFingerprint(material({ x: -0 }))).toBe(structureFingerprint(material({ x: 0 })));
  });
});
