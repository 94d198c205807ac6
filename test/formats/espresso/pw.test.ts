import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readRun } from '../../../src/adapters/sources/files/read-run.ts';
import type { CalculationRun } from '../../../src/model/calculation-run.ts';

const FIXTURES = new URL('../../fixtures/runs/', import.meta.url);

async function read(name: string): Promise<CalculationRun> {
  const file = createReadStream(fileURLToPath(new URL(name, FIXTURES))).pipe(createGunzip());
  return readRun(name.includes('.xml') ? 'pw-xml' : 'pw-output', file, 'm');
}

describe("pw.x's standard output and XML of one run", () => {
  it('say the same, as exactly as they print it', async () => {
    const [output, xml] = [await read('vc-relax.pwo.gz'), await read('vc-relax.xml.gz')];
    for (const run of [output, xml]) {
      expect([run.code, run.functional]).toEqual(['Quantum ESPRESSO 6.7', 'LDA']);
      expect([run.isFinished, run.isElectronicConverged, run.isIonicConverged]).toEqual([true, true, true]);
    }
    close(output.structure.lattice.matrix, xml.structure.lattice.matrix, 1e-8);
    close(output.structure.fracCoords, xml.structure.fracCoords, 1e-9);
    close(output.initialStructure!.fracCoords, xml.initialStructure!.fracCoords, 1e-6);
    close(output.forces!, xml.forces!, 1e-6);
    // 8 decimals of Ry/bohr^3.
    close(output.stress!, xml.stress!, 2e-4);
    expect(output.energy! - xml.energy!).toBeCloseTo(0, 6);
  });

  it('are in our units and signs', async () => {
    // From the output: P = 0.14 kbar, and -15.79309879 Ry. Compressed, so the stress is negative.
    const { stress, energy } = await read('vc-relax.pwo.gz');
    expect((stress![0]! + stress![1]! + stress![2]!) / 3).toBeCloseTo(-0.014, 3);
    expect(energy).toBeCloseTo(-15.79309879 * 13.605693123, 6);
  });
});

describe('the output of a run', () => {
  it('without convergence of the electrons says so, though the job is done', async () => {
    const run = await read('unconverged.pwo.gz');
    expect([run.isFinished, run.isElectronicConverged]).toEqual([true, false]);
  });

  it.each(['out-of-steps.pwo.gz', 'out-of-steps.xml.gz'])('that ran out of steps says so: %s', async (name) => {
    const run = await read(name);
    expect([run.isElectronicConverged, run.isIonicConverged]).toEqual([true, false]);
  });

  it('that relaxed its atoms gives their last positions in the cell that stayed', async () => {
    const { structure, initialStructure } = await read('relax.pwo.gz');
    expect(structure.lattice).toEqual(initialStructure!.lattice);
    expect(structure.fracCoords[2]).toBe(0.0050100104);
  });
});

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(tolerance);
}
