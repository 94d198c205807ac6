import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { calculatedTensor, espressoMissing } from '../../../support/espresso/calculated-tensor.ts';
import { cubicCrystal } from '../../../support/espresso/prototypes.ts';
import { itUnless } from '../../../support/needs.ts';

/** C11, C12, C44 of 24 strains by pw.x 6.7 at the same settings, GPa. */
const SILICON = [162.2, 63.9, 77.4];

itUnless(
  espressoMissing(),
  'pw.x gives the elastic constants of silicon',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'elastream-espresso-'));
    try {
      const settings = {
        cutoffRy: 20,
        kSpacing: 0.35,
        smearingRy: 0,
        strains: [0.01],
        isSymmetryReduced: true,
        stressMaxGpa: 0.05,
      };
      const { step } = await calculatedTensor(cubicCrystal('diamond', ['Si'], 5.43), settings, folder);
      if (step.kind !== 'completed') throw new Error(JSON.stringify(step));
      [0, 1, 21].forEach((at, i) => {
        expect(Math.abs(step.result.tensor![at]! / SILICON[i]! - 1)).toBeLessThan(0.02);
      });
      expect(step.result.method).toMatchObject({ kind: 'dft', functional: 'LDA', relaxedIon: true });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  300_000,
);
