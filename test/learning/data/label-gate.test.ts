import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFileSource } from '../../../src/adapters/sources/files/file-source.ts';
import { elasticProperties } from '../../../src/kernels/elasticity/elastic-properties.ts';
import { vacuumGap } from '../../../src/kernels/vacuum-gap.ts';
import { assertBounds, type GatedLabel, labelProblem, labelWarnings } from '../../../src/learning/data/label-gate.ts';
import { CRYSTALS, crystal, inOtherVectors, shifted } from '../../support/crystals.ts';
import { cubic, SILICON_CARBIDE, stiffnesses, TRICLINIC } from '../../support/elasticity.ts';
import { unimodulars } from '../../support/random-crystals.ts';
import { itWithShared } from '../../support/shared-data.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples/elastic-tensor-2015.jsonl.gz', import.meta.url));

const label = (parts: Partial<GatedLabel>): GatedLabel => ({
  materialId: 'mp-1',
  method: { kind: 'dft' },
  values: {},
  ...parts,
});
const withEntry = (tensor: Float64Array, at: number, value: number) => tensor.with(at, value);
/** Graphene in a box: nothing resists what changes its height. */
const SHEET = cubic(230, 40, 95).with(14, -0.5).with(21, -1.2).with(28, -1.2);
const graphene = (box: number) =>
  crystal(
    [2.46, 0, 0, -1.23, 2.13, 0, 0, 0, box],
    [
      [6, 1 / 3, 2 / 3, 0.98],
      [6, 2 / 3, 1 / 3, 0.98],
    ],
  );

describe('labelProblem', () => {
  it.each([
    ['a stable tensor alone', {}, SILICON_CARBIDE, undefined],
    ['its Hill averages', { k_vrh: 212.68, g_vrh: 187.25 }, SILICON_CARBIDE, undefined],
    ['its averages, rounded', { k_vrh: 213, g_vrh: 187 }, SILICON_CARBIDE, undefined],
    ['its Voigt average', { g_vrh: 196.03 }, SILICON_CARBIDE, undefined],
    ['negative moduli without a tensor', { g_vrh: -12, k_vrh: 30 }, undefined, undefined],
    ['moduli in kbar beside a tensor in GPa', { k_vrh: 2126.8, g_vrh: 1872.5 }, SILICON_CARBIDE, 'moduli_disagree'],
    ['G and K exchanged', { k_vrh: 12.8, g_vrh: 24.7 }, cubic(49, 12.5, 12.8), 'moduli_disagree'],
    ['a shear modulus of 40,749,314 GPa', { g_vrh: 40_749_313.8 }, SILICON_CARBIDE, 'moduli_disagree'],
    ['C44 < 0', {}, withEntry(SILICON_CARBIDE, 21, -3), 'unstable_tensor'],
    ['C11 < C12', {}, cubic(100, 120, 50), 'unstable_tensor'],
    ['a sheet in a box', {}, SHEET, 'unstable_tensor'],
    ['no stiffness at all', {}, new Float64Array(36), 'unstable_tensor'],
    ['an entry that is no number', {}, withEntry(SILICON_CARBIDE, 7, Number.NaN), 'bad_number'],
    ['Cij unlike Cji', {}, withEntry(TRICLINIC, 1, 12), 'asymmetric_tensor'],
    ['an entry of 1e12 GPa', {}, withEntry(SILICON_CARBIDE, 0, 1e12), 'out_of_range'],
  ] as const)('of %s', (_, values, tensor, expected) => {
    expect(labelProblem(label({ values, ...(tensor && { tensor }) }))?.code).toBe(expected);
  });

  it('of a structure with a vacuum, whatever its moduli', () => {
    const values = { k_vrh: 27, g_vrh: 14 };
    expect(labelProblem(label({ values }), graphene(15))).toEqual({
      code: 'sheet_in_box',
      message:
        'mp-1 is a sheet, chain or molecule in a box: 15 Angstrom of its cell are empty, so its moduli are those of the box, not of a material; leave the label out, or give a bulk crystal',
    });
    expect(labelProblem(label({ values }), graphene(3.35))).toBeUndefined();
    for (const { structure } of Object.values(CRYSTALS)) {
      expect(labelProblem(label({ values }), structure)).toBeUndefined();
    }
  });

  it('never refuses the averages of a stable tensor', () => {
    fc.assert(
      fc.property(stiffnesses, (tensor) => {
        const { stable } = elasticProperties(tensor);
        if (!stable || stable.hill.bulk > 1e4) return;
        const values = { k_vrh: stable.hill.bulk, g_vrh: stable.hill.shear };
        expect(labelProblem(label({ values, tensor }))).toBeUndefined();
      }),
    );
  });

  it('passes each of the 1,181 tensors of de Jong 2015', async () => {
    const refused: unknown[] = [];
    for await (const item of (await openFileSource(EXAMPLES)).read()) {
      if (item.kind === 'material' && item.label) {
        const problem = labelProblem({ ...item.label, materialId: item.material.id }, item.material.structure);
        if (problem) refused.push(problem.message);
      }
    }
    expect(refused).toEqual([]);
  });

  itWithShared('refuses of 9,564 published labels the sheets in a box alone', async (shared) => {
    const refused: string[] = [];
    for await (const item of (await openFileSource(shared('data/mp-elastic.jsonl.gz'))).read()) {
      if (item.kind !== 'material' || !item.label) continue;
      const problem = labelProblem({ ...item.label, materialId: item.material.id }, item.material.structure);
      if (problem) refused.push(`${item.material.id} ${problem.code}`);
    }
    // Diselenides and ditellurides of Mo and W, one layer thick.
    const sheets = ['mp-1023934', 'mp-1025575', 'mp-1025799', 'mp-1028698', 'mp-1030827'];
    expect(refused).toEqual(sheets.map((id) => `${id} sheet_in_box`));
  });
});

describe('assertBounds', () => {
  it('refuses Reuss above Voigt, and what is not between them', () => {
    expect(() => assertBounds('g_vrh', 'mp-1', 30, { voigt: 31, reuss: 29 })).not.toThrow();
    expect(() => assertBounds('g_vrh', 'mp-1', 30, { voigt: 25, reuss: 35 })).toThrow('35 (Reuss) and 25 GPa (Voigt)');
    expect(() => assertBounds('g_vrh', 'mp-1', 40, { voigt: 31, reuss: 29 })).toThrow('g_vrh of mp-1 is 40 GPa');
  });
});

describe('labelWarnings', () => {
  it.each([
    [{ g_vrh: 40, k_vrh: 80 }, undefined, []],
    [{ g_vrh: -3, k_vrh: 80 }, undefined, ['negative_modulus']],
    [{ g_vrh: 1.5, k_vrh: 1200 }, undefined, ['soft_modulus', 'stiff_modulus']],
    [{ g_vrh: 40 }, false, ['clamped_ions']],
    [{ g_vrh: 40 }, true, []],
  ] as const)('of %j with relaxed ions %s are %j', (values, relaxedIon, expected) => {
    const method = { kind: 'dft', ...(relaxedIon !== undefined && { relaxedIon }) } as const;
    expect(labelWarnings({ method, values })).toEqual(expected);
  });
});

describe('vacuumGap', () => {
  it('has its known values, through the boundary of the cell too', () => {
    expect(vacuumGap(graphene(15))).toBeCloseTo(15, 12);
    expect(vacuumGap(graphene(3.35))).toBeCloseTo(3.35, 12);
    expect(vacuumGap(shifted(graphene(15), [0.1, 0.2, 0.77]))).toBeCloseTo(15, 12);
  });

  it('does not depend on the choice of cell', () => {
    fc.assert(
      fc.property(unimodulars, (transform) => {
        expect(vacuumGap(inOtherVectors(graphene(15), transform))).toBeCloseTo(15, 6);
      }),
    );
  });
});
