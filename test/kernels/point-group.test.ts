import { describe, expect, it } from 'vitest';
import { pointGroup } from '../../src/kernels/point-group.ts';
import { primitiveCell } from '../../src/kernels/primitivity.ts';
import { crystalSystemOfPointGroup } from '../../src/model/crystal-system.ts';
import { CRYSTALS, inOtherVectors, shifted, withSiteMoved } from '../support/crystals.ts';

const SYMPREC = 0.1;

describe('pointGroup', () => {
  it.each(Object.entries(CRYSTALS))('%s', (_, { structure, rotations, system }) => {
    const group = pointGroup(primitiveCell(structure, SYMPREC), SYMPREC)!;
    expect(group).toHaveLength(rotations);
    expect(crystalSystemOfPointGroup(group)).toBe(system);
  });

  it.each(Object.entries(CRYSTALS))('%s, very skewed and with another origin', (_, { structure, rotations }) => {
    const skewed = inOtherVectors(shifted(structure, [0.13, -5.7, 3.21]), [1, 7, -30, 0, 1, 11, 0, 0, 1]);
    expect(pointGroup(primitiveCell(skewed, SYMPREC), SYMPREC)).toHaveLength(rotations);
  });

  it('forgives a titanium 0.03 Angstrom off-centre, but not 0.3', () => {
    // A rotation puts it on the other side, twice as far from where it was.
    const { structure } = CRYSTALS['perovskite SrTiO3']!;
    const system = (angstrom: number) =>
      crystalSystemOfPointGroup(pointGroup(withSiteMoved(structure, 1, angstrom), SYMPREC)!);
    expect(system(0.03)).toBe(7);
    expect(system(0.3)).toBe(4);
  });
});
