import type { CalculationRun } from '../../model/calculation-run.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { SITES_MAX, type Structure } from '../../model/structure.ts';
import { cartesianStructure } from '../cartesian-cell.ts';
import { fortranNumbers } from '../fortran-numbers.ts';
import { tooManySites } from '../json-fields.ts';
import { siteAtomicNumber } from '../site-symbol.ts';
import type { XmlReader } from '../xml-reader.ts';
import { BOHR_ANGSTROM, espressoCode, espressoFunctional, RYDBERG_EV, stressOfRydberg } from './espresso-units.ts';

const KEPT_CHARACTERS_MAX = 256;
/** Exit status of a run that ended as it should, though perhaps unconverged (2) or out of steps (3). */
const ENDED = new Set(['', '0', '2', '3']);

/** A cell as the file writes it, Cartesian, bohr. */
interface CellText {
  readonly names: string[];
  readonly positions: string[];
  readonly vectors: string[];
}

/** Elements whose text counts, by their path below the root. */
const WANTED = new Set([
  'input/control_variables/calculation',
  'output/convergence_info/scf_conv/convergence_achieved',
  'output/convergence_info/opt_conv/convergence_achieved',
  'output/dft/functional',
  'output/dft/vdW/vdw_corr',
  'output/total_energy/etot',
  'output/forces',
  'output/stress',
  'exit_status',
]);

/** Reads pw.x's XML, `data-file-schema.xml`. All its numbers are in Hartree atomic units. */
export class PwXmlReader implements XmlReader {
  readonly #values = new Map<string, string>();
  readonly #cells = new Map<string, CellText>();
  #version = '';
  #hasU = false;

  open(path: readonly string[], attributes: Readonly<Record<string, string>>): boolean {
    const element = path.at(-1)!;
    if (path.length === 1) {
      if (/^(?:qes:)?espresso$/.test(element)) return false;
      const root = element.slice(0, 40);
      throw new RejectedInput(
        'unsupported_format',
        `the root is <${root}>, not <qes:espresso> as pw.x 6.2 or later writes it`,
      );
    }
    const side = path[1]!;
    if (element === 'creator') this.#version = attributes.VERSION ?? '';
    if (element === 'Hubbard_U' && side === 'output') this.#hasU = true;
    if (path[2] === 'atomic_structure') return this.#openCell(side, path, attributes);
    return WANTED.has(path.slice(1).join('/'));
  }

  close(path: readonly string[], text: string): void {
    if (text === '') return;
    if (path[2] !== 'atomic_structure') {
      this.#values.set(path.slice(1).join('/'), text.trim());
      return;
    }
    const cell = this.#cells.get(path[1]!)!;
    const list = path.at(-1) === 'atom' ? cell.positions : cell.vectors;
    if (list.length > SITES_MAX) throw tooManySites(list.length);
    list.push(text.slice(0, KEPT_CHARACTERS_MAX));
  }

  end(): CalculationRun {
    const cell = this.#cells.get('output');
    if (cell === undefined)
      throw new RejectedInput('unfinished', 'pw.x wrote no output cell: the run did not come to its end');
    const initial = this.#cells.get('input');
    const isInitialKnown = initial !== undefined && initial.positions.length > 0;
    const relaxes = /relax/.test(this.#value('input/control_variables/calculation'));
    const functional = this.#functional();
    const scf = this.#value('output/convergence_info/scf_conv/convergence_achieved');
    const opt = this.#value('output/convergence_info/opt_conv/convergence_achieved');
    return {
      code: espressoCode(this.#version),
      ...(functional !== undefined && { functional }),
      structure: structureOf(cell),
      ...(isInitialKnown && { initialStructure: structureOf(initial) }),
      ...this.#results(cell.positions.length),
      isFinished: ENDED.has(this.#value('exit_status')),
      isElectronicConverged: scf === 'true',
      isIonicConverged: !relaxes || opt === 'true',
    };
  }

  #openCell(side: string, path: readonly string[], attributes: Readonly<Record<string, string>>): boolean {
    if (side !== 'input' && side !== 'output') return false;
    const element = path.at(-1)!;
    if (path.length === 3) this.#cells.set(side, { names: [], positions: [], vectors: [] });
    if (element !== 'atom') return path[3] === 'cell' && /^a[123]$/.test(element);
    // Fractional positions of the input are left alone: the output's are Cartesian.
    if (path[3] !== 'atomic_positions') return false;
    this.#cells.get(side)!.names.push((attributes.name ?? '').slice(0, KEPT_CHARACTERS_MAX));
    return true;
  }

  #value(path: string): string {
    return this.#values.get(path) ?? '';
  }

  #functional(): string | undefined {
    const dispersion = this.#value('output/dft/vdW/vdw_corr').replace(/^(?:grimme|dft)-d/i, 'D');
    return espressoFunctional(this.#value('output/dft/functional'), { hasU: this.#hasU, dispersion });
  }

  #results(sites: number): Partial<CalculationRun> {
    const [energy, stress, forces] = ['total_energy/etot', 'stress', 'forces'].map((name) =>
      this.#value(`output/${name}`),
    );
    const perRydberg = 2;
    const toEvPerAngstrom = (perRydberg * RYDBERG_EV) / BOHR_ANGSTROM;
    return {
      ...(energy !== '' && { energy: fortranNumbers(energy!, 1, 'etot')[0]! * perRydberg * RYDBERG_EV }),
      ...(stress !== '' && {
        stress: stressOfRydberg(fortranNumbers(stress!, 9, 'the stress').map((value) => value * perRydberg)),
      }),
      ...(forces !== '' && {
        forces: Float64Array.from(fortranNumbers(forces!, 3 * sites, 'the forces'), (force) => force * toEvPerAngstrom),
      }),
    };
  }
}

function structureOf({ names, positions, vectors }: CellText): Structure {
  const inAngstrom = (lines: readonly string[], what: string) =>
    lines.flatMap((line) => fortranNumbers(line, 3, what).map((value) => value * BOHR_ANGSTROM));
  const numbers = names.map((name) => siteAtomicNumber(name, 'the name of an atom'));
  return cartesianStructure(inAngstrom(vectors, 'a lattice vector'), numbers, inAngstrom(positions, 'a position'));
}
