import { describe, expect, it } from 'vitest';
import { createEspressoCode } from '../../../src/calculations/espresso/espresso-code.ts';
import { symmetrizedCell } from '../../../src/kernels/symmetrized-cell.ts';
import { contentHash } from '../../../src/model/content-hash.ts';
import { createLattice } from '../../../src/model/lattice.ts';
import { parseMaterialId } from '../../../src/model/material-id.ts';
import type { EspressoRecipe } from '../../../src/model/recipe.ts';
import { createStructure, type Structure } from '../../../src/model/structure.ts';
import type { EndedRun, NextStep, ProgramRun } from '../../../src/ports/simulation-code.ts';
import { type FakeCrystal, fakePw } from '../../support/espresso/fake-pw.ts';
import { cubicCrystal, wurtzite } from '../../support/espresso/prototypes.ts';

const file = (element: string, sha256: string, functional = 'LDA') => ({
  ...{ element, sha256, functional, name: `${element}.UPF`, path: `/pseudo/${element}.UPF` },
  isAugmented: element === 'C',
});
const FILES = [file('Si', 'aa'), file('C', 'bb'), file('Al', 'cc', 'PBE')];
const RECIPE: EspressoRecipe = {
  kind: 'espresso',
  procedure: 1,
  pseudopotentials: { Si: 'aa', C: 'bb', Al: 'cc', O: 'dd' },
  cutoffRy: { Si: 20, C: 35 },
  kSpacing: 0.35,
  smearingRy: 0,
  strains: [0.01],
  isSymmetryReduced: true,
  stressMaxGpa: 0.05,
};
const JOB = {
  calculationId: contentHash('calculation', ['x']),
  attempt: 1,
  materialId: parseMaterialId('x'),
  materialHash: contentHash('material', ['x']),
  recipe: 'text',
};
const SILICON = cubicCrystal('diamond', ['Si'], 5.6);

function codeOf(recipe: Partial<EspressoRecipe> = {}) {
  return createEspressoCode({
    parseRecipe: () => ({ ...RECIPE, ...recipe }),
    pseudopotentials: FILES,
    folder: '/pseudo',
    resources: { program: ['pw.x'], cores: 1, memoryMiB: 1000, minutes: 20 },
  });
}

/** Runs to the end with a fake pw.x. */
function ran(structure: Structure, run: (run: ProgramRun) => EndedRun, recipe: Partial<EspressoRecipe> = {}) {
  const code = codeOf(recipe);
  const ended: EndedRun[] = [];
  for (let turn = 0; turn < 30; turn++) {
    const step = code.next(JOB, structure, ended);
    if (step.kind !== 'runs') return { step, ended };
    ended.push(...step.runs.map(run));
  }
  throw new Error('it never ends');
}

/** A crystal whose cell without stress is the given one, stretched. */
function stretchedFrom(structure: Structure, factors: readonly number[], stiffness: Float64Array): FakeCrystal {
  const { matrix } = symmetrizedCell(structure, 0.01).structure.lattice;
  return { rest: matrix.map((value, i) => value * factors[i % 3]!), stiffness };
}

const cubic = (c11: number, c12: number, c44: number) =>
  Float64Array.from({ length: 36 }, (_, at) => {
    const [i, j] = [Math.floor(at / 6), at % 6];
    if (i < 3 && j < 3) return i === j ? c11 : c12;
    return i === j ? c44 : 0;
  });

function refused(step: NextStep): { reason: string; retry: string } {
  if (step.kind !== 'failed') throw new Error(`it is ${step.kind}`);
  return step;
}

describe('espresso', () => {
  it('finds the cell without stress by a secant, and the tensor by three strains', () => {
    const silicon = stretchedFrom(SILICON, [0.965, 0.965, 0.965], cubic(162, 64, 77));
    const { step, ended } = ran(SILICON, (run) => fakePw(run, silicon));
    expect(ended.filter(({ name }) => name.startsWith('cell')).length).toBeLessThanOrEqual(5);
    expect(ended.filter(({ name }) => name.startsWith('strain')).length).toBe(3);
    if (step.kind !== 'completed') throw new Error(JSON.stringify(step));
    const { tensor, values, method } = step.result;
    for (const [at, expected] of [
      [0, 162],
      [1, 64],
      [21, 77],
      [3, 0],
    ] as const) {
      expect(Math.abs(tensor![at]! - expected)).toBeLessThan(0.1);
    }
    expect(values.k_vrh).toBeCloseTo((162 + 2 * 64) / 3, 1);
    expect(method).toEqual({ kind: 'dft', code: 'Quantum ESPRESSO 6.7', functional: 'LDA', relaxedIon: true });
  });

  it('finds both edges of a hexagonal cell, and all its constants by five strains', () => {
    const carbide = wurtzite(['Si', 'C'], 3.08, 5.05);
    const hexagonal = cubic(540, 115, 165);
    hexagonal.set([50], 2);
    for (const at of [2, 8, 12, 13]) hexagonal[at] = 50;
    hexagonal[14] = 590;
    hexagonal[35] = (540 - 115) / 2;
    const { step, ended } = ran(carbide, (run) => fakePw(run, stretchedFrom(carbide, [0.98, 0.98, 1.01], hexagonal)));
    expect(ended.filter(({ name }) => name.startsWith('strain')).length).toBe(5);
    expect(ended.filter(({ name }) => name.startsWith('cell')).length).toBeLessThanOrEqual(9);
    if (step.kind !== 'completed') throw new Error(JSON.stringify(step));
    step.result.tensor!.forEach((value, i) => {
      expect(Math.abs(value - hexagonal[i]!), `entry ${i}`).toBeLessThan(0.5);
    });
  });

  it('writes a run that a person can read and repeat', () => {
    const step = codeOf().next(JOB, cubicCrystal('zincblende', ['Si', 'C'], 4.36), []);
    if (step.kind !== 'runs') throw new Error(step.kind);
    const [run] = step.runs;
    expect(run!.argv).toEqual(['pw.x', '-in', 'pw.in']);
    expect(run!.links).toEqual({ 'Si.UPF': '/pseudo/Si.UPF', 'C.UPF': '/pseudo/C.UPF' });
    // The larger cutoff of the two, and the density of an ultrasoft one.
    expect(run!.files['pw.in']).toMatch(/ecutwfc = 35\n {2}ecutrho = 280/);
    expect(run!.files['pw.in']).not.toContain('smearing');
    expect(codeOf({ smearingRy: 0.04 }).next(JOB, SILICON, [])).toMatchObject({
      runs: [{ files: { 'pw.in': expect.stringMatching(/smearing = 'mv'\n {2}degauss = 0.04/) } }],
    });
  });

  it('moves ions only where symmetry leaves them free', () => {
    const silicon = stretchedFrom(SILICON, [0.965, 0.965, 0.965], cubic(162, 64, 77));
    const kinds = new Map<string, string>();
    ran(SILICON, (run) => {
      kinds.set(run.name, /calculation = '(\w+)'/.exec(run.files['pw.in']!)![1]!);
      return fakePw(run, silicon);
    });
    expect([kinds.get('cell-1'), kinds.get('strain-1'), kinds.get('strain-3')]).toEqual(['scf', 'scf', 'relax']);
  });

  it('asks for the same runs again after a restart, and for none that has ended', () => {
    const silicon = stretchedFrom(SILICON, [1, 1, 1], cubic(162, 64, 77));
    const first = codeOf().next(JOB, SILICON, []);
    expect(codeOf().next(JOB, SILICON, [])).toEqual(first);
    if (first.kind !== 'runs') throw new Error(first.kind);
    const strains = codeOf().next(JOB, SILICON, [fakePw(first.runs[0]!, silicon)]);
    if (strains.kind !== 'runs') throw new Error(strains.kind);
    const ended = [first.runs[0]!, strains.runs[1]!].map((run) => fakePw(run, silicon));
    const rest = codeOf().next(JOB, SILICON, ended);
    expect(rest).toMatchObject({ runs: [{ name: 'strain-1' }, { name: 'strain-3' }] });
  });

  it('names element and folder where a pseudopotential is missing, changed, or of another functional', () => {
    const next = (symbols: readonly string[]) =>
      refused(codeOf().next(JOB, cubicCrystal('zincblende', symbols, 5), []));
    expect(next(['Mg', 'Si'])).toMatchObject({
      reason: expect.stringContaining('no pseudopotential for Mg: add one to /pseudo'),
      retry: 'never',
    });
    expect(next(['Si', 'O']).reason).toMatch(/no pseudopotential for O with SHA-256 dd/);
    expect(next(['Si', 'Al']).reason).toMatch(/Si.UPF is for LDA and Al.UPF for PBE/);
  });

  it('refuses a crystal that is not stable', () => {
    const soft = stretchedFrom(SILICON, [1, 1, 1], cubic(100, 120, 50));
    expect(refused(ran(SILICON, (run) => fakePw(run, soft)).step)).toMatchObject({
      reason: expect.stringContaining("not stable by Born's criterion"),
      retry: 'never',
    });
  });

  it('refuses the output of another cell', () => {
    const silicon = stretchedFrom(SILICON, [1, 1, 1], cubic(162, 64, 77));
    const { step } = ran(SILICON, (run) => {
      const files = { 'pw.in': run.files['pw.in']!.replaceAll(/2[.][78]\d*/g, '2.9') };
      return fakePw({ ...run, files }, silicon);
    });
    expect(refused(step).reason).toMatch(/cell-1: its output is of another cell/);
  });
});

describe('a run of pw.x that gave nothing', () => {
  const silicon = stretchedFrom(SILICON, [1, 1, 1], cubic(162, 64, 77));
  const saying = (text: string, exitCode = 1) => {
    const outputs = new Map([['stdout.txt', text]]);
    return ran(SILICON, (run) => ({ name: run.name, ended: 'exited', exitCode, outputs }));
  };
  const frame = (text: string) => `${'%'.repeat(78)}\n     ${text}\n ${'%'.repeat(78)}\n`;

  it('tries other mixing where the electrons do not converge, and tells that none helped', () => {
    const { step, ended } = saying('     convergence NOT achieved after  60 iterations: stopping', 2);
    expect(ended.map(({ name }) => name)).toEqual(['cell-1', 'cell-1-mixing-2', 'cell-1-mixing-3']);
    expect(refused(step)).toMatchObject({ reason: expect.stringContaining('self-consistent'), retry: 'never' });
  });

  it('goes on with what another mixing gave', () => {
    const { step } = ran(SILICON, (run) => {
      if (run.name.includes('mixing')) return fakePw(run, silicon);
      return {
        name: run.name,
        ended: 'exited',
        exitCode: 2,
        outputs: new Map([['stdout.txt', 'convergence NOT achieved']]),
      };
    });
    expect(step.kind).toBe('completed');
  });

  it.each([
    ['Maximum CPU time exceeded', 2, 'more_time'],
    [frame('Error in routine setup (1):\n     fixed occupations and lsda need tot_magnetization'), 1, 'never'],
    [frame('Error in routine readpp (1):\n     file Si.UPF not found'), 1, 'never'],
    [frame('Error in routine allocate_fft (1):\n     cannot allocate array'), 1, 'more_memory'],
    ['No space left on device', 1, 'retry'],
    ['', 139, 'retry'],
  ])('%j with code %d: %s', (text, code, retry) => {
    expect(refused(saying(text, code).step).retry).toBe(retry);
  });

  it('does not mind eigenvalues that were not converged in one iteration of a run that did', () => {
    const { step } = ran(SILICON, (run) => {
      const text = fakePw(run, silicon).outputs.get('stdout.txt')!;
      const outputs = new Map([['stdout.txt', `     c_bands:  1 eigenvalues not converged\n${text}`]]);
      return { name: run.name, ended: 'exited', exitCode: 0, outputs };
    });
    expect(step.kind).toBe('completed');
  });

  it('says what pw.x said of a wrong input', () => {
    const said = frame('Error in routine readpp (1):\n     file Si.UPF not found');
    expect(refused(saying(said).step).reason).toMatch(/pw.x refused: readpp \(1\): file Si.UPF not found/);
  });

  it.each([
    ['timed_out', 'more_time'],
    ['out_of_memory', 'more_memory'],
    ['killed', 'retry'],
    ['lost', 'retry'],
  ] as const)('%s: %s', (how, retry) => {
    const { step } = ran(SILICON, (run) => ({ name: run.name, ended: how, outputs: new Map() }));
    expect(refused(step).retry).toBe(retry);
  });

  it('takes no output that is cut short', () => {
    const { step } = ran(SILICON, (run) => {
      const whole = fakePw(run, silicon);
      return { ...whole, outputs: new Map([['stdout.txt', whole.outputs.get('stdout.txt')!.slice(0, -60)]]) };
    });
    expect(refused(step).retry).toBe('retry');
  });

  it('needs no lattice of a certain hand', () => {
    const { lattice, atomicNumbers, fracCoords } = SILICON;
    const mirrored = createStructure(createLattice(lattice.matrix.map((value) => -value)), atomicNumbers, fracCoords);
    expect(codeOf().next(JOB, mirrored, []).kind).toBe('runs');
  });
});
