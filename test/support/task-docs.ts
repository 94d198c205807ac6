import type { ElasticRun } from '../../src/model/elastic-run.ts';
import { elementSymbol } from '../../src/model/element-symbols.ts';
import type { Structure } from '../../src/model/structure.ts';

/** A run as emmet's TaskDoc, as far as elastic workflows need it. */
export function taskDocOf({ id, role, structure, gradient, stress }: ElasticRun): Record<string, unknown> {
  const history = gradient && [{ '@class': 'DeformStructureTransformation', deformation: rows(gradient) }];
  return {
    task_id: id,
    task_type: role === 'parent' ? 'Structure Optimization' : 'Deformation',
    run_type: 'GGA',
    state: 'successful',
    completed_at: '2026-01-02T03:04:05+00:00',
    input: { incar: { IBRION: 2, NSW: 99, NELM: 60, ISIF: role === 'parent' ? 3 : 2 } },
    transformations: history ? { history } : {},
    output: { structure: pymatgenStructure(structure), stress: stress && rows(stress.map((value) => -10 * value)) },
    calcs_reversed: [
      {
        vasp_version: '6.4.2',
        has_vasp_completed: 'successful',
        output: { ionic_steps: [{ electronic_steps: [{}, {}] }] },
      },
    ],
  };
}

function pymatgenStructure({ lattice, atomicNumbers, fracCoords }: Structure): object {
  const sites = Array.from(atomicNumbers, (z, i) => ({
    species: [{ element: elementSymbol(z), occu: 1 }],
    abc: Array.from(fracCoords.subarray(3 * i, 3 * i + 3)),
  }));
  return { lattice: { matrix: rows(lattice.matrix) }, sites };
}

function rows(m: Float64Array): number[][] {
  return [0, 3, 6].map((at) => Array.from(m.subarray(at, at + 3)));
}
