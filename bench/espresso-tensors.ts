import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Structure } from '../src/model/structure.ts';
import { calculatedTensor, espressoMissing, type TensorSettings } from '../test/support/espresso/calculated-tensor.ts';
import { cubicCrystal, wurtzite } from '../test/support/espresso/prototypes.ts';

/*
 * Elastic tensors by real runs of pw.x with Debian's LDA pseudopotentials, beside those of another program of ours at the same
 * settings. Usage: npm run bench:espresso [-- NAME...] [--full]; --full also runs the 24 strains of each, --only-full
 * these alone.
 */

interface Row {
  readonly structure: Structure;
  readonly settings: Partial<TensorSettings>;
  /** C11, C12, C44 and, of hexagonal crystals, C13, C33: GPa. */
  readonly reference?: readonly number[];
}

const REDUCED = { smearingRy: 0, strains: [0.01], isSymmetryReduced: true, stressMaxGpa: 0.05 };
const METAL = { smearingRy: 0.04 };
/** Spacings that give the meshes of the reference runs. */
const ROWS: Readonly<Record<string, Row>> = {
  Si: {
    structure: cubicCrystal('diamond', ['Si'], 5.43),
    settings: { cutoffRy: 20, kSpacing: 0.35 },
    reference: [162.2, 63.9, 77.4],
  },
  AlAs: {
    structure: cubicCrystal('zincblende', ['Al', 'As'], 5.66),
    settings: { cutoffRy: 20, kSpacing: 0.35 },
    reference: [116.4, 59.4, 55.7],
  },
  MgO: {
    structure: cubicCrystal('rocksalt', ['Mg', 'O'], 4.21),
    settings: { cutoffRy: 40, kSpacing: 0.7 },
    reference: [329, 93, 150],
  },
  C: {
    structure: cubicCrystal('diamond', ['C'], 3.57),
    settings: { cutoffRy: 40, kSpacing: 0.55 },
    reference: [1106, 146, 595],
  },
  SiC: {
    structure: cubicCrystal('zincblende', ['Si', 'C'], 4.36),
    settings: { cutoffRy: 35, kSpacing: 0.45 },
    reference: [395, 136, 248],
  },
  BAs: {
    structure: cubicCrystal('zincblende', ['B', 'As'], 4.78),
    settings: { cutoffRy: 40, kSpacing: 0.4 },
    reference: [301, 79, 162],
  },
  NiAl: {
    structure: cubicCrystal('B2', ['Ni', 'Al'], 2.88),
    settings: { cutoffRy: 30, kSpacing: 0.28, ...METAL },
    reference: [239, 154, 139],
  },
  'SiC-2H': {
    structure: wurtzite(['Si', 'C'], 3.08, 5.05),
    settings: { cutoffRy: 35, kSpacing: 0.45 },
  },
};

const missing = espressoMissing();
if (missing !== undefined) throw new Error(missing);
const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('-'));
console.log(
  'crystal           C11     C12     C44     C13     C33  (reference)        a/A      K      G   runs  CPU s',
);
for (const [name, row] of Object.entries(ROWS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  if (!args.includes('--only-full')) await show(name, row, REDUCED);
  if (args.includes('--full') || args.includes('--only-full'))
    await show(`${name} 24`, row, { ...REDUCED, strains: [0.005, 0.01], isSymmetryReduced: false });
}

async function show(name: string, { structure, settings, reference }: Row, common: typeof REDUCED): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'elastream-espresso-'));
  const all = { cutoffRy: 0, kSpacing: 0, ...common, ...settings };
  const { step, ended, cpuSeconds } = await calculatedTensor(structure, all, folder);
  if (step.kind !== 'completed') {
    console.log(`${name.padEnd(14)} ${JSON.stringify(step)} ${folder}`);
    return;
  }
  rmSync(folder, { recursive: true });
  const { tensor, values } = step.result;
  const c = [0, 1, 21, 2, 14].map((at) => tensor![at]!);
  const shown = c.map((value) => value.toFixed(1).padStart(7)).join(' ');
  const off =
    reference?.map((value, i) => `${value} ${((100 * (c[i]! - value)) / value).toFixed(1)}%`).join(' ') ?? 'none';
  const moduli = [values.k_vrh, values.g_vrh].map((value) => value!.toFixed(1).padStart(6)).join(' ');
  const volume = ended.findLast((run) => run.name.startsWith('cell'))?.outputs.get('stdout.txt');
  const cell = /unit-cell volume\s*=\s*([\d.]+)/.exec(volume ?? '')?.[1] ?? '';
  console.log(
    `${name.padEnd(14)} ${shown}  (${off})  V ${cell} ${moduli} ${String(ended.length).padStart(5)} ${cpuSeconds.toFixed(1)}`,
  );
}
