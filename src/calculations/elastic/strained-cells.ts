import { upperGradient } from '../../kernels/elasticity/finite-strain.ts';
import { axisStrain, freeCoordinates, representativeStrains } from '../../kernels/elasticity/representative-strains.ts';
import type { SymmetrizedCell } from '../../kernels/symmetrized-cell.ts';
import { createLattice, type Matrix3, multiply3 } from '../../model/lattice.ts';
import { createStructure, type Structure } from '../../model/structure.ts';

export interface StrainSettings {
  /** Of XX, YY and ZZ, of both signs. */
  readonly strains: readonly number[];
  /** Of YZ, ZX and XY; absent: the same. */
  readonly shearStrains?: readonly number[];
  /** False: all six axes are strained, whatever the symmetry. */
  readonly isSymmetryReduced: boolean;
}

export interface StrainedCell {
  readonly name: string;
  readonly gradient: Matrix3;
  readonly structure: Structure;
  /** Whether symmetry leaves its ions free. */
  readonly isFree: boolean;
}

const AXES = [0, 1, 2, 3, 4, 5] as const;

/** The strained cells that determine a tensor. */
export function strainedCells(cell: SymmetrizedCell, relaxed: Structure, settings: StrainSettings): StrainedCell[] {
  const bothSigns = (strains: readonly number[]) => strains.flatMap((strain) => [-strain, strain]);
  const { strains, shearStrains = strains, isSymmetryReduced } = settings;
  const amplitudesOf = (axis: number) => bothSigns(axis < 3 ? strains : shearStrains);
  const all = isSymmetryReduced
    ? representativeStrains(rotationsOf(cell), amplitudesOf)
    : AXES.flatMap((axis) => amplitudesOf(axis).map((amplitude) => axisStrain(axis, amplitude)));
  return all.map((strain, i) => {
    const gradient = upperGradient(strain);
    const isFree = freeCoordinates(cell.operations, strain) > 0;
    return { name: `strain-${i + 1}`, gradient, structure: deformed(relaxed, gradient), isFree };
  });
}

export function rotationsOf({ operations }: SymmetrizedCell): Matrix3[] {
  return operations.map(({ rotation }) => rotation);
}

function deformed({ lattice, atomicNumbers, fracCoords }: Structure, gradient: Matrix3): Structure {
  const transposed = Float64Array.from({ length: 9 }, (_, i) => gradient[3 * (i % 3) + Math.floor(i / 3)]!);
  return createStructure(createLattice(multiply3(lattice.matrix, transposed)), atomicNumbers, fracCoords);
}
