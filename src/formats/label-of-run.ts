import type { CalculationRun } from '../model/calculation-run.ts';
import { createElasticTensor } from '../model/elastic-tensor.ts';
import { siteCount } from '../model/structure.ts';
import type { GivenLabel } from './input-unit.ts';

/**
 * Returns what a usable run says about its material: the energy, the properties that its file names, and the elastic
 * tensor; undefined if it says nothing.
 * @throws RejectedInput if the tensor is none
 */
export function labelOfRun(run: CalculationRun): GivenLabel | undefined {
  const { code, functional, energy, tensor, properties } = run;
  const values = { ...properties?.values };
  const units = { ...properties?.units };
  if (energy !== undefined) {
    values.energy_per_atom = energy / siteCount(run.structure);
    units.energy_per_atom = 'eV/atom';
  }
  if (tensor === undefined && Object.keys(values).length === 0) return undefined;
  return {
    method: {
      kind: 'dft',
      code,
      ...(functional !== undefined && { functional }),
      ...(tensor !== undefined && { relaxedIon: tensor.relaxedIon }),
    },
    values,
    units,
    ...(tensor !== undefined && { tensor: createElasticTensor(tensor.stiffness).stiffness }),
  };
}
