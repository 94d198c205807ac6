import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writtenSites } from '../src/formats/written-sites.ts';
import type { Structure } from '../src/model/structure.ts';
import { calculatedTensor } from '../test/support/espresso/calculated-tensor.ts';
import { type CubicPrototype, cubicCrystal } from '../test/support/espresso/prototypes.ts';

/*
 * Makes the structures of examples/real-dft.yaml: prototype and a rough lattice constant, which the calculation relaxes.
 * With --label NAME... it calculates those with the example's settings, by the code that the campaign itself uses, and
 * appends what comes out to a file: node_modules/.bin/vite-node --script tools/real-dft-example.ts -- --label Si-diamond
 */

/** The edge of the cube in Angstrom, by prototype and symbols. */
const CUBES: Readonly<Record<CubicPrototype, Readonly<Record<string, number>>>> = {
  diamond: { C: 3.57, Si: 5.43 },
  zincblende: { 'Si C': 4.36, 'Al As': 5.66, 'B As': 4.78 },
  rocksalt: { 'Mg O': 4.21, 'Ti C': 4.33, 'Ti O': 4.18, 'Ni O': 4.17 },
  antifluorite: { 'Mg Si': 6.35, 'Mg Pb': 6.81, 'Mg C': 5.45, 'Al Au': 6.0, 'Si Ni': 5.41 },
  B2: {
    'Ni Al': 2.88,
    'Ni Ti': 3.01,
    'Au Mg': 3.26,
    'Ti Au': 3.25,
    'Al Ti': 3.19,
    'Cu Au': 3.16,
    'Mg Cu': 3.16,
    'Ni Mg': 3.08,
  },
  L1_2: {
    ...{ 'Cu Au': 3.75, 'Ni Al': 3.57, 'Al Ti': 3.97, 'Au Cu': 3.98, 'Ni Si': 3.51, 'Ni Ti': 3.62, 'Ti Al': 4.03 },
    ...{ 'Mg Au': 4.3, 'Al Mg': 4.2, 'Cu Al': 3.68, 'Cu Ti': 3.73, 'Al Ni': 3.84, 'Cu Mg': 3.85 },
  },
  fcc: { Cu: 3.61, Ni: 3.52, Pb: 4.95 },
};

/** As in examples/real-dft.yaml. */
const SETTINGS = {
  cutoffRy: { Al: 16, As: 18, Au: 28, B: 30, C: 35, Cu: 28, Mg: 18, Ni: 28, O: 35, Pb: 24, Si: 18, Ti: 30 },
  ...{ kSpacing: 0.5, smearingRy: 0.04, strains: [0.01], isSymmetryReduced: true, stressMaxGpa: 0.3 },
};

const [, ...wanted] = process.argv.slice(process.argv.indexOf('--label'));
const structures = crystals();
if (!process.argv.includes('--label')) {
  const rows = [...structures].map(([id, structure]) => `${JSON.stringify(rowOf(id, structure))}\n`);
  writeFileSync('examples/real-dft-structures.jsonl', rows.join(''));
}
for (const [id, structure] of process.argv.includes('--label') ? structures : []) {
  if (wanted.includes(id) || wanted.length === 0) await label(id, structure);
}

async function label(id: string, structure: Structure): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'elastream-real-dft-'));
  const { step, ended, cpuSeconds } = await calculatedTensor(structure, SETTINGS, folder);
  rmSync(folder, { recursive: true });
  if (step.kind !== 'completed') {
    process.stdout.write(`${id}: ${JSON.stringify(step)}, ${ended.length} runs, ${cpuSeconds.toFixed(1)} CPU s\n`);
    return;
  }
  const { g_vrh, k_vrh } = step.result.values;
  process.stdout.write(
    `${id}: G ${g_vrh!.toFixed(1)}, K ${k_vrh!.toFixed(1)} GPa, ${ended.length} runs, ${cpuSeconds.toFixed(1)} CPU s\n`,
  );
  const rounded = (value: number) => Number(value.toFixed(3));
  const row = { ...rowOf(id, structure), g_vrh: rounded(g_vrh!), k_vrh: rounded(k_vrh!) };
  appendFileSync('examples/real-dft-labels.jsonl', `${JSON.stringify(row)}\n`);
}

function crystals(): Map<string, Structure> {
  const all = Object.entries(CUBES).flatMap(([prototype, cubes]) =>
    Object.entries(cubes).map(([symbols, a]) => {
      const id = `${symbols.replaceAll(' ', '')}-${prototype}`.replace('_', '');
      return [id, cubicCrystal(prototype as CubicPrototype, symbols.split(' '), a)] as const;
    }),
  );
  return new Map(all);
}

function rowOf(id: string, structure: Structure) {
  const { vectors, sites } = writtenSites(structure);
  return {
    material_id: id,
    lattice: vectors,
    species: sites.map(({ symbol }) => symbol),
    frac_coords: sites.map(({ abc }) => abc),
  };
}
