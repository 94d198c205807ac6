import { type ContentHash, contentHash } from './content-hash.ts';

/** A strained cell, and what was found in it: a tensor is fitted to a set of them. */
export interface Deformation {
  /** Float64Array[9], row-major: the deformation gradient, which takes a vector of the parent's lattice to the strained one. */
  readonly gradient: Float64Array;
  /** Float64Array[6]: Cauchy stress, Voigt order XX YY ZZ YZ ZX XY, GPa, positive where the cell would shrink. */
  readonly stress: Float64Array;
  /** Task or file. */
  readonly provenance: string;
}

/** Names a set of deformations, in whatever order it comes. */
export function deformationsHash(deformations: Iterable<Deformation>): ContentHash {
  const names = Array.from(deformations, ({ gradient, stress, provenance }) =>
    contentHash('deformation', [gradient, stress, provenance]),
  );
  return contentHash('deformations', names.sort());
}
