import { describe, expect, it } from 'vitest';
import { ExtxyzFrames } from '../../../src/formats/extxyz/extxyz.ts';
import { frameInfo } from '../../../src/formats/extxyz/frame-info.ts';
import type { ParsedMaterial } from '../../../src/formats/input-unit.ts';
import { RejectedInput } from '../../../src/model/rejection.ts';

function read(text: string): (ParsedMaterial | string)[] {
  const frames = new ExtxyzFrames();
  return text.split('\n').flatMap((line): (ParsedMaterial | string)[] => {
    const frame = frames.read(line);
    if (frame === undefined) return [];
    try {
      return [frame.parse(`x#${frame.number}`)];
    } catch (error) {
      if (error instanceof RejectedInput) return [error.code];
      throw error;
    }
  });
}

const SALT = `2
Lattice="0.0 2.8 2.8 2.8 0.0 2.8 2.8 2.8 0.0" Properties=species:S:1:pos:R:3:forces:R:3 energy=-6.5 g_vrh=14.5 "Band Gap"=5.0 done pbc="T T T"
Na       0.0       0.0      0.0       0.0       0.0       0.0
Cl       2.8       2.8      2.8       0.0       0.0       0.0
`;

describe('frames of extended XYZ', () => {
  it('give structure, energy per atom and every number that they name', () => {
    const [salt] = read(SALT) as [ParsedMaterial];
    expect(salt.material.id).toBe('x#1');
    expect(Array.from(salt.material.structure.lattice.matrix)).toEqual([0, 2.8, 2.8, 2.8, 0, 2.8, 2.8, 2.8, 0]);
    expect(Array.from(salt.material.structure.fracCoords, (x) => Number(x.toFixed(12)))).toEqual([
      0, 0, 0, 0.5, 0.5, 0.5,
    ]);
    expect(salt.label).toEqual({
      method: { kind: 'dft' },
      values: { energy_per_atom: -3.25, g_vrh: 14.5, band_gap: 5 },
      units: { energy_per_atom: 'eV/atom', band_gap: 'eV' },
    });
    expect(salt.material.bandGap).toBe(5);
  });

  it('may name their id, and come one after the other', () => {
    const silicon = '1\nLattice="4 0 0 0 4 0 0 0 4" material_id=mp-149 Properties=pos:R:3:Z:I:1\n0 0 0 14\n';
    const found = read(`${SALT}\n${silicon}${SALT}`) as ParsedMaterial[];
    expect(found.map(({ material }) => material.id)).toEqual(['x#1', 'mp-149', 'x#3']);
    expect(found[1]!.label).toBeUndefined();
  });

  it('leave the others readable if one is damaged', () => {
    expect(read(`${SALT.replace('Cl ', 'Qq ')}${SALT}`).map((one) => typeof one)).toEqual(['string', 'object']);
    const large = `30000\nx\n${'H 0 0 0\n'.repeat(30_000)}`;
    expect(read(`${large}${SALT}`).map((one) => (typeof one === 'string' ? one : 'read'))).toEqual([
      'too_many_sites',
      'read',
    ]);
  });

  it('read columns of positions that touch where signs tell them apart', () => {
    const [touching] = read('1\nLattice="4 0 0 0 4 0 0 0 4"\nNa 1.0 -1.0 -1.0\n') as [ParsedMaterial];
    expect(Array.from(touching.material.structure.fracCoords)).toEqual([0.25, -0.25, -0.25]);
  });
});

describe('a comment line', () => {
  it.each([
    ['a=1 b="x y" c={1 2} d', { a: '1', b: 'x y', c: '1 2', d: 'T' }],
    ['a=\'x\' b = 2  "c d"=3', { a: 'x', b: '2', 'c d': '3' }],
    ['', {}],
  ])('%s', (comment, pairs) => expect(Object.fromEntries(frameInfo(comment))).toEqual(pairs));

  it('whose quote never closes is refused, in no long time', () => {
    expect(() => frameInfo(`a="${'\\'.repeat(1_000_000)}`)).toThrow(RejectedInput);
  });
});
