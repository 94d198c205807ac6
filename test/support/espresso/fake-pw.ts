import { BOHR_ANGSTROM } from '../../../src/formats/espresso/espresso-units.ts';
import { strainVector } from '../../../src/kernels/elasticity/strain-states.ts';
import { determinant3, inverse3, multiply3 } from '../../../src/model/lattice.ts';
import type { EndedRun, ProgramRun } from '../../../src/ports/simulation-code.ts';

const RYDBERG_PER_BOHR3_GPA = 14710.508;

export interface FakeCrystal {
  /** Float64Array[9], row-major, Angstrom: the cell without stress, whose vectors the input's are strained ones of. */
  readonly rest: ArrayLike<number>;
  /** Float64Array[36], GPa. */
  readonly stiffness: Float64Array;
}

/** What pw.x would print for an input, of a crystal that obeys Hooke's law in the Green-Lagrange strain. */
export function fakePw(run: ProgramRun, { rest, stiffness }: FakeCrystal): EndedRun {
  const lines = run.files['pw.in']!.split('\n');
  const at = lines.indexOf('CELL_PARAMETERS angstrom');
  const cell = lines.slice(at + 1, at + 4).flatMap((line) => line.trim().split(/\s+/).map(Number));
  const positions = lines.slice(at + 5, lines.indexOf('K_POINTS automatic')).map((line) => line.trim().split(/\s+/));
  const text = outputText(
    cell,
    positions,
    stressOf(cell, rest, stiffness),
    /calculation = 'relax'/.test(lines.join('\n')),
  );
  return { name: run.name, ended: 'exited', exitCode: 0, outputs: new Map([['stdout.txt', text]]) };
}

/** Cauchy's, row-major, GPa, positive if the cell would shrink. */
function stressOf(cell: readonly number[], rest: ArrayLike<number>, stiffness: Float64Array): Float64Array {
  const transposed = (m: ArrayLike<number>) => [0, 3, 6, 1, 4, 7, 2, 5, 8].map((i) => m[i]!);
  const gradient = transposed(multiply3(inverse3(rest), cell));
  const metric = multiply3(transposed(gradient), gradient);
  const strain = metric.map((value, i) => (value - (i % 4 === 0 ? 1 : 0)) / 2);
  const e = strainVector(strain);
  const s = Float64Array.from({ length: 6 }, (_, i) => e.reduce((sum, x, j) => sum + stiffness[6 * i + j]! * x, 0));
  const second = [s[0]!, s[5]!, s[4]!, s[5]!, s[1]!, s[3]!, s[4]!, s[3]!, s[2]!];
  const factor = 1 / determinant3(gradient);
  return multiply3(multiply3(gradient, second), transposed(gradient)).map((value) => factor * value);
}

function outputText(
  cell: readonly number[],
  positions: readonly (readonly string[])[],
  stress: Float64Array,
  isRelaxed: boolean,
): string {
  const alat = Math.hypot(cell[0]!, cell[1]!, cell[2]!);
  const row = (values: ArrayLike<number>, i: number, digits: number) =>
    [0, 1, 2].map((k) => values[3 * i + k]!.toFixed(digits)).join('  ');
  const axes = cell.map((value) => value / alat);
  const cartesian = positions.map(([, ...abc]) => multiply3([...abc.map(Number), 0, 0, 0, 0, 0, 0], axes));
  return [
    '     Program PWSCF v.6.7MaX starts on  1Jan2026 at  0: 0: 0 ',
    `     number of atoms/cell      = ${positions.length}`,
    '     Exchange-correlation= SLA PZ NOGX NOGC',
    `     celldm(1)=  ${(alat / BOHR_ANGSTROM).toFixed(6)}  celldm(2)=   0.000000  celldm(3)=   0.000000`,
    '     crystal axes: (cart. coord. in units of alat)',
    ...[0, 1, 2].map((i) => `               a(${i + 1}) = (  ${row(axes, i, 6)} )`),
    '     site n.     atom                  positions (alat units)',
    ...cartesian.map((x, i) => `  ${i + 1}  ${positions[i]![0]}  tau(   ${i + 1}) = (  ${row(x, 0, 7)}  )`),
    '     Self-consistent Calculation',
    ...(isRelaxed ? ['     force convergence thresh. =  5.0E-05', '     bfgs converged in   1 scf cycles'] : []),
    '!    total energy              =     -15.84584738 Ry',
    '     convergence has been achieved in   5 iterations',
    '          total   stress  (Ry/bohr**3)                   (kbar)     P=       -0.12',
    ...[0, 1, 2].map(
      (i) =>
        `  ${row(
          stress.map((value) => -value / RYDBERG_PER_BOHR3_GPA),
          i,
          10,
        )}  0 0 0`,
    ),
    ...(isRelaxed ? ['ATOMIC_POSITIONS (crystal)', ...positions.map((words) => words.join('  '))] : []),
    '   JOB DONE.',
    '',
  ].join('\n');
}
