import type { CalculationRun } from '../../model/calculation-run.ts';
import { createLattice } from '../../model/lattice.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { createStructure, SITES_MAX, type Structure } from '../../model/structure.ts';
import { fractionalOf } from '../cartesian-cell.ts';
import { fortranNumbers } from '../fortran-numbers.ts';
import { tooManySites } from '../json-fields.ts';
import { siteAtomicNumber } from '../site-symbol.ts';
import { BOHR_ANGSTROM, espressoCode, espressoFunctional, RYDBERG_EV, stressOfRydberg } from './espresso-units.ts';

const KEPT_CHARACTERS_MAX = 256;

/** Lines below a heading, and the unit that the heading names. */
interface Block {
  readonly unit: string;
  readonly lines: string[];
}

/** Reads the standard output of pw.x line by line. It keeps the last cell, stress and forces only. */
export class PwOutputReader {
  readonly #blocks = new Map<string, Block>();
  readonly #seen = new Set<string>();
  #filling: { block: Block; left: number } | undefined;
  #version = '';
  #functional = '';
  #dispersion = '';
  #energy = '';
  /** Unit of length of axes and sites, bohr. */
  #alat = '';
  #sites = 0;
  #isConverged = false;

  read(line: string): void {
    if (this.#filling !== undefined) {
      this.#filling.block.lines.push(line.slice(0, KEPT_CHARACTERS_MAX));
      this.#filling.left--;
      if (this.#filling.left === 0) this.#filling = undefined;
      return;
    }
    if (line.startsWith('!')) {
      this.#energy = /total energy\s*=(.*?)Ry/.exec(line.slice(0, KEPT_CHARACTERS_MAX))?.[1] ?? this.#energy;
      return;
    }
    const text = line.slice(0, KEPT_CHARACTERS_MAX).trim();
    if (text === '' || !/^[A-Za-z]/.test(text)) return;
    this.#heading(text);
    for (const mark of MARKS) if (text.startsWith(mark)) this.#seen.add(mark);
  }

  /**
   * Returns the run, when all lines have been read.
   * @throws RejectedInput
   */
  end(): CalculationRun {
    if (!this.#blocks.has('axes') || !this.#blocks.has('sites')) {
      const isFailed = this.#seen.has('Error in routine') || !this.#seen.has('JOB DONE');
      const reason = 'pw.x printed no cell: it stopped at an error, or the file is cut short';
      throw new RejectedInput(isFailed ? 'unfinished' : 'missing_field', reason);
    }
    const initialStructure = this.#initial();
    const functional = espressoFunctional(this.#functional, {
      hasU: this.#seen.has('LDA+U') || this.#seen.has('DFT+U') || this.#seen.has('Hubbard'),
      dispersion: this.#dispersion,
    });
    const isStopped = this.#seen.has('Maximum CPU time') || this.#seen.has('Error in routine');
    const isFinished = this.#seen.has('JOB DONE') && !isStopped;
    return {
      code: espressoCode(this.#version),
      ...(functional !== undefined && { functional }),
      structure: this.#last(initialStructure),
      initialStructure,
      ...(isFinished && this.#results()),
      isFinished,
      isElectronicConverged: this.#isConverged,
      isIonicConverged: this.#isRelaxed(),
    };
  }

  #heading(text: string): void {
    if (text.startsWith('Program PWSCF')) this.#version ||= text.slice('Program PWSCF'.length);
    else if (text.startsWith('number of atoms/cell')) this.#setSites(Number(text.split('=')[1]));
    else if (text.startsWith('celldm(1)=')) this.#alat ||= text.split('=')[1]!.trim().split(/\s/)[0]!;
    else if (text.startsWith('Exchange-correlation')) this.#functional ||= functionalOf(text);
    else if (text.includes('Grimme-D2')) this.#dispersion = 'D2';
    else if (text.includes('DFT-D3')) this.#dispersion = 'D3';
    else if (text.startsWith('crystal axes')) this.#fillOnce('axes', 3);
    else if (/^site n\..*alat units/.test(text)) this.#fillOnce('sites', this.#sites);
    else if (text.startsWith('CELL_PARAMETERS')) this.#fill('cell', 3, text);
    else if (text.startsWith('ATOMIC_POSITIONS')) this.#fill('positions', this.#sites, text);
    else if (/^total\s+stress/.test(text)) this.#fill('stress', 3);
    else if (text.startsWith('Forces acting on atoms')) this.#fill('forces', this.#sites + 1);
    else if (text === 'Self-consistent Calculation') this.#isConverged = false;
    else if (text.startsWith('convergence has been achieved')) this.#isConverged = true;
    else if (text.startsWith('convergence NOT achieved')) this.#isConverged = false;
  }

  #setSites(sites: number): void {
    if (!(sites <= SITES_MAX)) throw tooManySites(sites);
    this.#sites = sites;
  }

  #fillOnce(name: string, count: number): void {
    if (!this.#blocks.has(name)) this.#fill(name, count);
  }

  #fill(name: string, count: number, heading = ''): void {
    const block = { unit: /[({]\s*([^)}]*)/.exec(heading)?.[1] ?? '', lines: [] };
    this.#blocks.set(name, block);
    if (count > 0) this.#filling = { block, left: count };
  }

  #isRelaxed(): boolean {
    const relaxes = this.#seen.has('force convergence thresh');
    return !relaxes || this.#seen.has('bfgs converged') || this.#seen.has('Damped dynamics: convergence');
  }

  /** The cell above the first iteration, in units of alat. */
  #initial(): Structure {
    const alat = fortranNumbers(this.#alat, 1, 'celldm(1)')[0]! * BOHR_ANGSTROM;
    const axes = this.#numbers('axes', (line) => inParentheses(line), 'a crystal axis');
    const sites = this.#numbers('sites', (line) => inParentheses(line), 'the position of a site');
    const lattice = createLattice(axes.map((value) => value * alat));
    const names = this.#blocks.get('sites')!.lines.map((line) => line.trim().split(/\s+/, 2)[1] ?? '');
    const numbers = names.map((name) => siteAtomicNumber(name, 'the atom of a site'));
    return createStructure(
      lattice,
      numbers,
      fractionalOf(
        lattice,
        sites.map((value) => value * alat),
      ),
    );
  }

  /** The cell that pw.x printed last. */
  #last(initial: Structure): Structure {
    const [cell, positions] = [this.#blocks.get('cell'), this.#blocks.get('positions')];
    if (positions === undefined) return initial;
    const vectors = cell && this.#numbers('cell', (line) => line, 'a lattice vector');
    const lattice = vectors === undefined ? initial.lattice : this.#latticeOf(vectors, cell!.unit);
    const coords = this.#numbers('positions', (line) => line.trim().replace(/^\S+/, ''), 'the position of an atom');
    const numbers = positions.lines.map((line) => siteAtomicNumber(line.trim().split(/\s+/, 1)[0]!, 'an atom'));
    if (positions.unit.startsWith('crystal')) return createStructure(lattice, numbers, coords);
    const scale = this.#angstromOf(positions.unit);
    return createStructure(
      lattice,
      numbers,
      fractionalOf(
        lattice,
        coords.map((value) => value * scale),
      ),
    );
  }

  #latticeOf(vectors: readonly number[], unit: string): Structure['lattice'] {
    const scale = this.#angstromOf(unit);
    return createLattice(vectors.map((value) => value * scale));
  }

  /** `angstrom`, `bohr`, `alat`, `alat= 7.24246012`. */
  #angstromOf(unit: string): number {
    if (unit.startsWith('angstrom')) return 1;
    if (unit.startsWith('bohr')) return BOHR_ANGSTROM;
    const alat = unit.startsWith('alat=') ? unit.slice('alat='.length) : this.#alat;
    return fortranNumbers(alat, 1, 'alat')[0]! * BOHR_ANGSTROM;
  }

  #numbers(name: string, part: (line: string) => string, what: string): number[] {
    return this.#blocks.get(name)!.lines.flatMap((line) => fortranNumbers(part(line), 3, what));
  }

  #results(): Partial<CalculationRun> {
    const [stress, forces] = [this.#blocks.get('stress'), this.#blocks.get('forces')];
    const toEvPerAngstrom = RYDBERG_EV / BOHR_ANGSTROM;
    const forceLines = forces?.lines.filter((line) => line.includes('force =')) ?? [];
    return {
      ...(this.#energy !== '' && { energy: fortranNumbers(this.#energy, 1, 'the total energy')[0]! * RYDBERG_EV }),
      ...(stress !== undefined && { stress: stressOfRydberg(this.#numbers('stress', (line) => line, 'the stress')) }),
      ...(forceLines.length === this.#sites && {
        forces: Float64Array.from(
          forceLines.flatMap((line) => fortranNumbers(line.split('force =')[1]!, 3, 'a force')),
          (force) => force * toEvPerAngstrom,
        ),
      }),
    };
  }
}

/** Beginnings of lines that say how a run went. */
const MARKS = [
  'JOB DONE',
  'Maximum CPU time',
  'Error in routine',
  'force convergence thresh',
  'bfgs converged',
  'Damped dynamics: convergence',
  'LDA+U',
  'DFT+U',
  'Hubbard',
];

/** `SLA PZ NOGX NOGC` of `Exchange-correlation= SLA  PZ   NOGX NOGC`, or `PBE` of `... = PBE ( 1 4 3 4 0 0)`. */
function functionalOf(text: string): string {
  return text.split('=')[1]?.split('(')[0] ?? '';
}

/** The last part in parentheses: `1  Si  tau(   1) = (   0.0   0.0   0.0  )`. */
function inParentheses(line: string): string {
  return line.slice(line.lastIndexOf('(') + 1).replace(/\).*/, '');
}
