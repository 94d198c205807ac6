import { elasticProperties } from '../../kernels/elasticity/elastic-properties.ts';
import { RejectedInput } from '../../model/rejection.ts';
import type { TargetValues } from '../../model/target.ts';

/**
 * The moduli (Voigt-Reuss-Hill, GPa) of a stiffness in Voigt order, GPa.
 * @throws RejectedInput `unstable_tensor` if it is not positive definite (Born): its averages mean nothing
 */
export function moduliOfTensor(stiffness: Float64Array): TargetValues {
  const { stable, stability } = elasticProperties(stiffness);
  if (stable !== undefined) return { g_vrh: stable.hill.shear, k_vrh: stable.hill.bulk };
  const lowest = stability.eigenvalues[0]!.toPrecision(3);
  const cause = 'a sheet or chain in a box, a structure that is not relaxed, or a failed strain';
  throw new RejectedInput(
    'unstable_tensor',
    `the elastic tensor is not positive definite (smallest eigenvalue ${lowest} GPa): ${cause}`,
  );
}
