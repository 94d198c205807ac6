import type { SymmetrizedCell } from '../../kernels/symmetrized-cell.ts';
import { inverse3 } from '../../model/lattice.ts';

/**
 * Divisions of the reciprocal lattice vectors: no spacing above the one given, in 1/Angstrom with 2 pi, as VASP's KSPACING.
 * Vectors that a symmetry operation mixes have the same, so that the mesh has the crystal's symmetry.
 */
export function pointMesh({ structure, operations }: SymmetrizedCell, spacing: number): number[] {
  const inverse = inverse3(structure.lattice.matrix);
  const wanted = [0, 1, 2].map((k) => {
    const length = 2 * Math.PI * Math.hypot(inverse[k]!, inverse[3 + k]!, inverse[6 + k]!);
    // A spacing that divides the vector to the last digit must not give one division more.
    return Math.max(1, Math.ceil(length / spacing - 1e-6));
  });
  const isMixed = (i: number, j: number) => operations.some(({ fractional }) => fractional[3 * i + j] !== 0);
  // Twice: 0 may be mixed with 1, and 1 with 2.
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        if (isMixed(i, j)) wanted[i] = wanted[j] = Math.max(wanted[i]!, wanted[j]!);
      }
    }
  }
  return wanted;
}
