import { type ContentHash, contentHash } from './content-hash.ts';

/** A strained cell and its stress. A tensor is fitted to a set of them. */
export interface Deformation {
  /** Float64Array[9], row-major: the deformation gradient, which maps a vector of the parent's lattice to the strained one. */
  readonly gradient: Float64Array;
  /** Float64Array[6]: Cauchy stress, Voigt order XX YY ZZ YZ ZX XY, GPa, positive if the cell would shrink. */
  readonly stress: Float64Array;
  /** Name of the task or file. */
  readonly provenance: string;
}

/** Names a set of deformations. The order has no effect. */
export function deformationsHash(deformations: Iterable<Deformation>): ContentHash {
  const names = Array.from(deformations, ({ gradient, stress, provenance }) =>
    contentHash('deformation', [gradient, stress, provenance]),
  );
  return contentHash('deformations', names.sort());
}
