import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { parsePymatgenStructure } from '../../../src/formats/json/pymatgen-structure.ts';
import { cartesianRotations } from '../../../src/kernels/elasticity/cartesian-rotations.ts';
import { fitStiffness, strainRays } from '../../../src/kernels/elasticity/fit-stiffness.ts';
import { strainStates } from '../../../src/kernels/elasticity/strain-states.ts';
import { largestDifference } from '../../support/elasticity.ts';
import { describeWithShared } from '../../support/shared-data.ts';

type Rows = readonly (readonly number[])[];

interface FittingData {
  readonly structure: Parameters<typeof parsePymatgenStructure>[0];
  readonly deformations: readonly Rows[];
  readonly stresses: readonly Rows[];
  readonly equilibrium_stress: Rows;
}

function readGz<T>(path: string): T {
  return JSON.parse(gunzipSync(readFileSync(path)).toString()) as T;
}

/** emmet-core's own test data: zincblende SiC of the Materials Project, mp-fsxpj. Tolerance 1e-6 GPa. */
describeWithShared('the fit of emmet-core', (shared) => {
  const data = readGz<FittingData>(shared('data/vasp/emmet-SiC_fitting_data.json.gz'));
  const { elastic_tensor_raw: expected } = readGz<{ elastic_tensor_raw: Rows }>(
    shared('data/vasp/emmet-SiC_reference_data.json.gz'),
  );
  const matrix = (rows: Rows) => Float64Array.from(rows.flat());
  const rotations = cartesianRotations(parsePymatgenStructure(data.structure), 0.1);
  const measured = data.deformations.map((gradient, i) => ({
    gradient: matrix(gradient),
    cauchy: matrix(data.stresses[i]!),
  }));

  it('is reproduced within 1e-6 GPa, whatever the order', () => {
    expect(rotations).toHaveLength(24);
    for (const order of [measured, measured.toReversed(), [3, 1, 5, 0, 2, 4].map((i) => measured[i]!)]) {
      const states = strainStates(order, rotations);
      expect(states).toHaveLength(24);
      const { stiffness, misfit } = fitStiffness(strainRays(states), matrix(data.equilibrium_stress));
      expect(largestDifference(stiffness, expected.flat())).toBeLessThan(1e-6);
      expect(misfit).toBeLessThan(0.1);
    }
  });
});
