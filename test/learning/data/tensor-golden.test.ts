import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { parseElasticTask } from '../../../src/formats/emmet/task-doc.ts';
import type { JsonObject } from '../../../src/formats/json-fields.ts';
import { createTensorCollector } from '../../../src/learning/data/tensor-collector.ts';
import type { ElasticRun } from '../../../src/model/elastic-run.ts';
import { describeWithShared } from '../../support/shared-data.ts';

/**
 * K and G (VRH), C11, C13 and C44, GPa, of emmet-core's fit without its symmetrization of stresses, by pymatgen
 * 2026.10.24 (spglib 2.8.0, symprec 0.1) from the same tasks. Tolerance 1e-5 GPa.
 */
const FITTED_BY_PYMATGEN: Record<string, readonly number[]> = {
  'mp-ffhdk': [213.2075103905715, 188.0378378532546, 498.678067, 50.633046, 159.833018],
  'mp-fgddy': [213.33070318523644, 188.7075003825379, 501.017734, 50.552377, 158.385558],
  'mp-fmsoh': [213.1191127857839, 188.1956857941919, 492.077295, 50.968001, 160.794186],
  'mp-fsxpj': [212.68199283470375, 187.2464644384362, 383.886669, 127.079655, 241.121906],
  'mp-ftmyy': [213.56330813549596, 186.48110284597027, 497.253464, 49.446386, 151.824051],
  'mp-fwugc': [252.7175916300417, 221.2980464776707, 419.033968, 169.559403, 324.750957],
};

describeWithShared('the tasks of emmet-core', (shared) => {
  const read = (name: string): unknown => JSON.parse(gunzipSync(readFileSync(shared(`data/vasp/${name}`))).toString());
  const tasks = (read('emmet-SiC_tasks.json.gz') as JsonObject[]).map((doc) => parseElasticTask(doc)!);
  const outcomes = (runs: readonly ElasticRun[]) => {
    const collector = createTensorCollector();
    for (const run of runs) collector.take(run);
    return collector.outcomes();
  };

  it('of six polytypes of SiC give six tensors, those of pymatgen', () => {
    const found = outcomes(tasks);
    expect(found.map(({ deformations }) => deformations.length)).toEqual([20, 18, 18, 6, 18, 6]);
    for (const { parent, label, problem } of found) {
      expect(problem).toBeUndefined();
      const { values, tensor } = label!;
      const numbers = [values.k_vrh, values.g_vrh, tensor![0], tensor![2], tensor![21]];
      FITTED_BY_PYMATGEN[parent!.id]!.forEach(
        (value, i) => void expect(Math.abs(numbers[i]! - value)).toBeLessThan(1e-5),
      );
      expect(label!.method).toEqual({ kind: 'dft', code: 'VASP 5.4.4', functional: 'PBE', relaxedIon: true });
    }
  });

  it('give the same bits in any order, doubled or not', () => {
    const once = outcomes(tasks);
    const order = tasks.map((_, i) => tasks[(37 * i + 11) % tasks.length]!);
    expect(outcomes([...order, ...tasks.slice(20, 60)])).toEqual(once);
  });

  it('say which strains are missing while one of a set is not there, and fit the other five', () => {
    const missing = tasks.filter(({ id }) => id !== 'mp-fmsne');
    const found = outcomes(missing);
    expect(found.filter(({ label }) => label)).toHaveLength(5);
    const { parent, problem } = found.find(({ label }) => !label)!;
    expect(parent!.id).toBe('mp-fsxpj');
    expect(problem).toEqual({
      code: 'missing_strains',
      message:
        'its 5 deformations and their symmetry leave strains missing: YZ 2 more, ZX 2 more, XY 2 more; run them, nothing is fitted from the rest',
    });
  });

  it('that stand alone belong to no relaxed cell', () => {
    const failed = parseElasticTask(read('emmet-failed_elastic_task.json.gz') as JsonObject)!;
    expect(outcomes([failed])).toMatchObject([{ deformations: ['mp-2345130'], problem: { code: 'missing_parent' } }]);
    expect(outcomes([...tasks, failed]).filter(({ label }) => label)).toHaveLength(6);
  });
});
