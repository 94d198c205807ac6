import { existsSync } from 'node:fs';
import { createPseudopotentialFolder } from '../../../src/adapters/calculators/espresso/pseudopotential-folder.ts';
import { createEspressoCode } from '../../../src/calculations/espresso/espresso-code.ts';
import { contentHash } from '../../../src/model/content-hash.ts';
import { materialHash } from '../../../src/model/material-hash.ts';
import { parseMaterialId } from '../../../src/model/material-id.ts';
import type { EspressoRecipe } from '../../../src/model/recipe.ts';
import type { Structure } from '../../../src/model/structure.ts';
import type { EndedRun, NextStep } from '../../../src/ports/simulation-code.ts';
import { runToEnd } from './run-espresso.ts';

/** Where Debian's quantum-espresso-data puts them. */
const DEBIAN_PSEUDOPOTENTIALS = '/usr/share/espresso/pseudo';
const DEBIAN_LDA = [
  'Al.pz-vbc.UPF',
  'As.pz-bhs.UPF',
  'Au.pz-rrkjus_aewfc.UPF',
  'B.pz-vbc.UPF',
  'C.pz-rrkjus.UPF',
  'Cu.pz-d-rrkjus.UPF',
  'Mg.pz-n-vbc.UPF',
  'Ni.pz-nd-rrkjus.UPF',
  'O.pz-rrkjus.UPF',
  'Pb.pz-d-van.UPF',
  'Si.pz-vbc.UPF',
  'Ti.pz-sp-van_ak.UPF',
];

/** What a machine lacks for runs of pw.x; undefined if nothing. */
export function espressoMissing(): string | undefined {
  const isThere = existsSync('/usr/bin/pw.x') && existsSync(`${DEBIAN_PSEUDOPOTENTIALS}/${DEBIAN_LDA[0]}`);
  return isThere
    ? undefined
    : 'pw.x is not here; install the Debian packages quantum-espresso and quantum-espresso-data';
}

export type TensorSettings = Omit<EspressoRecipe, 'kind' | 'procedure' | 'pseudopotentials'>;

/** The tensor of a crystal by real runs with Debian's LDA pseudopotentials, and the CPU seconds that pw.x reports. */
export async function calculatedTensor(
  structure: Structure,
  settings: TensorSettings,
  folder: string,
): Promise<{ step: NextStep; ended: readonly EndedRun[]; cpuSeconds: number }> {
  const pseudopotentials = (await createPseudopotentialFolder().read(DEBIAN_PSEUDOPOTENTIALS)).filter(({ name }) =>
    DEBIAN_LDA.includes(name),
  );
  const recipe: EspressoRecipe = {
    kind: 'espresso',
    procedure: 1,
    pseudopotentials: Object.fromEntries(pseudopotentials.map(({ element, sha256 }) => [element, sha256])),
    ...settings,
  };
  const code = createEspressoCode({
    parseRecipe: () => recipe,
    pseudopotentials,
    folder: DEBIAN_PSEUDOPOTENTIALS,
    resources: { program: ['pw.x'], cores: 1, memoryMiB: 1000, minutes: 30 },
  });
  const material = { id: parseMaterialId('a'), structure };
  const hash = materialHash(material);
  const job = {
    calculationId: contentHash('calculation', [hash, 'test']),
    attempt: 1,
    materialId: material.id,
    materialHash: hash,
    recipe: '',
  };
  const { step, ended } = await runToEnd(code, job, structure, folder);
  return { step, ended, cpuSeconds: ended.reduce((sum, run) => sum + cpuSecondsOf(run), 0) };
}

/** `PWSCF        :   1m 2.34s CPU      3.10s WALL` */
function cpuSecondsOf(run: EndedRun): number {
  const text = /PWSCF\s*:\s*(.*?)CPU/.exec(run.outputs.get('stdout.txt') ?? '')?.[1] ?? '';
  const part = (unit: string) => Number(new RegExp(`([\\d.]+)\\s*${unit}`).exec(text)?.[1] ?? 0);
  return 3600 * part('h') + 60 * part('m') + part('s');
}
