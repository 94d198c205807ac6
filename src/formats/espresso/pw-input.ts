import { elementSymbol } from '../../model/element-symbols.ts';
import { ATOMIC_WEIGHT } from '../../model/elements.ts';
import type { Structure } from '../../model/structure.ts';
import { writtenSites } from '../written-sites.ts';

/** How pw.x looks for self-consistency. */
export interface Mixing {
  /** mixing_beta */
  readonly share: number;
  /** mixing_mode */
  readonly mode: 'plain' | 'local-TF';
  readonly diagonalization: 'david' | 'cg';
  /** electron_maxstep */
  readonly steps: number;
}

export interface PwInput {
  readonly structure: Structure;
  /** `relax` moves the ions in the cell given. */
  readonly calculation: 'scf' | 'relax';
  /** Names of files in the run's folder, by element. */
  readonly pseudopotentials: Readonly<Record<string, string>>;
  readonly cutoffRy: number;
  readonly densityCutoffRy: number;
  /** Divisions of the reciprocal lattice vectors; the mesh holds the origin. */
  readonly mesh: readonly number[];
  /** Marzari-Vanderbilt's width; 0 for fixed occupations. */
  readonly smearingRy: number;
  readonly mixing: Mixing;
  /** pw.x stops by itself then, so that what it printed says so. */
  readonly secondsMax: number;
}

/** Ry: energies converge far below what a stress shows. */
const ENERGY_THRESHOLD_RY = 1e-9;
/** Ry/bohr: a tenth of a percent of what a strain of 0.01 puts on an ion. */
const FORCE_THRESHOLD_RY = 5e-5;
const RELAXATION_STEPS_MAX = 60;

/** An input of pw.x for one cell, with stress and forces. Numbers keep all digits. */
export function writePwInput(input: PwInput): string {
  const { vectors, sites } = writtenSites(input.structure);
  const elements = [...new Set(input.structure.atomicNumbers)];
  const species = elements.map((z) => {
    const symbol = elementSymbol(z);
    return `${symbol} ${ATOMIC_WEIGHT[z]} ${input.pseudopotentials[symbol]}`;
  });
  const { mixing } = input;
  return [
    ...namelist('control', {
      calculation: quoted(input.calculation),
      prefix: quoted('pw'),
      outdir: quoted('./out'),
      pseudo_dir: quoted('./'),
      tstress: '.true.',
      tprnfor: '.true.',
      // What a restart would need is large, and a calculation that fails begins anew.
      disk_io: quoted('none'),
      max_seconds: input.secondsMax,
      ...(input.calculation === 'relax' && {
        etot_conv_thr: 1e-7,
        forc_conv_thr: FORCE_THRESHOLD_RY,
        nstep: RELAXATION_STEPS_MAX,
      }),
    }),
    ...namelist('system', {
      ibrav: 0,
      nat: sites.length,
      ntyp: elements.length,
      ecutwfc: input.cutoffRy,
      ecutrho: input.densityCutoffRy,
      ...(input.smearingRy > 0 && {
        occupations: quoted('smearing'),
        smearing: quoted('mv'),
        degauss: input.smearingRy,
      }),
    }),
    ...namelist('electrons', {
      conv_thr: ENERGY_THRESHOLD_RY,
      mixing_beta: mixing.share,
      mixing_mode: quoted(mixing.mode),
      diagonalization: quoted(mixing.diagonalization),
      electron_maxstep: mixing.steps,
    }),
    ...(input.calculation === 'relax' ? ['&ions', '/'] : []),
    'ATOMIC_SPECIES',
    ...species,
    'CELL_PARAMETERS angstrom',
    ...vectors.map((vector) => vector.join(' ')),
    'ATOMIC_POSITIONS crystal',
    ...sites.map(({ symbol, abc }) => `${symbol} ${abc.join(' ')}`),
    'K_POINTS automatic',
    `${input.mesh.join(' ')} 0 0 0`,
    '',
  ].join('\n');
}

function namelist(name: string, values: Readonly<Record<string, string | number>>): string[] {
  return [`&${name}`, ...Object.entries(values).map(([key, value]) => `  ${key} = ${value}`), '/'];
}

function quoted(text: string): string {
  return `'${text}'`;
}
