import type { CalculationRun } from '../../model/calculation-run.ts';
import { atomicNumber } from '../../model/element-symbols.ts';
import { createLattice, type Lattice } from '../../model/lattice.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { createStructure, SITES_MAX, type Structure } from '../../model/structure.ts';
import { fortranNumbers } from '../fortran-numbers.ts';
import { tooManySites } from '../json-fields.ts';
import { speciesAtomicNumber } from '../site-symbol.ts';
import type { XmlReader } from '../xml-reader.ts';
import { vaspFunctional } from './vasp-functional.ts';
import { isRelaxation, isResponseRun, stressOfKilobar, vaspCode } from './vasp-run.ts';

const EV_PER_KILOBAR_ANGSTROM3 = 0.1 / 160.2176634;
/** A vector of three numbers has about 60 characters. */
const KEPT_CHARACTERS_MAX = 256;

const TAGS = new Set(
  'NELM NSW IBRION PSTRESS GGA METAGGA LHFCALC AEXX HFSCREEN LUSE_VDW LDAU IVDW ALGO ML_LMLFF'.split(' '),
);

/** The text of a cell, read as numbers only if it is the one that counts: earlier ones may hold `*****`. */
interface CellText {
  basis: string[];
  positions: string[];
}

/** An ionic step. */
interface Step {
  electronicSteps: number;
  /** e_0_energy of the last electronic step, and e_fr_energy of that and of the ionic step. */
  extrapolated: string | undefined;
  free: string | undefined;
  total: string | undefined;
  cell: CellText | undefined;
  forces: string[];
  stress: string[];
  /** The step's own energy is written: what follows is linear response. */
  isDone: boolean;
}

/** Reads a vasprun.xml. It keeps one ionic step, as text. */
export class VasprunReader implements XmlReader {
  readonly #tags = new Map<string, string>();
  readonly #elements: string[] = [];
  #version = '';
  #potcar = '';
  #initial: CellText | undefined;
  #final: CellText | undefined;
  /** The last step that has ended, or the first one of response functions. */
  #step: Step | undefined;
  #running: Step | undefined;
  #steps = 0;
  #allConverged = true;
  /** Where the next vectors go. */
  #vectors: string[] | undefined;
  #cell: CellText | undefined;
  #name = '';
  #array = '';
  #cells = 0;

  open(path: readonly string[], attributes: Readonly<Record<string, string>>): boolean {
    const element = path.at(-1)!;
    const name = attributes.name ?? '';
    if (path.length === 1 && element !== 'modeling') {
      throw new RejectedInput(
        'unsupported_format',
        `the root is <${element.slice(0, 40)}>, not <modeling> as VASP writes it`,
      );
    }
    if (element === 'calculation') this.#beginStep();
    else if (element === 'structure') this.#beginCell(path, name);
    else if (element === 'varray') this.#vectors = this.#place(path, name);
    else if (element === 'scstep' && this.#running?.isDone === false) this.#running.electronicSteps++;
    else if (element === 'array') this.#array = name;
    else if (element === 'rc') this.#cells = 0;
    this.#name = name;
    if (element === 'i') return this.#wants(path, name);
    if (element === 'v') return this.#vectors !== undefined;
    return element === 'c' && this.#array.startsWith('atom') && path[1] === 'atominfo';
  }

  close(path: readonly string[], text: string): void {
    const element = path.at(-1)!;
    if (element === 'v') this.#keepVector(text);
    else if (element === 'c') this.#keepAtom(path, text);
    else if (element === 'i' && text !== '') this.#keepValue(path, text.trim().slice(0, KEPT_CHARACTERS_MAX));
    else if (element === 'varray') this.#vectors = undefined;
    else if (element === 'calculation') this.#endStep();
    // The step's energy closes it. Response functions go on with electronic steps of their own.
    else if (element === 'energy' && path.at(-2) === 'calculation' && this.#running) this.#running.isDone = true;
  }

  end(): CalculationRun {
    const ions = this.#elements;
    const step = this.#step;
    if (ions.length === 0) throw new RejectedInput('no_sites', 'atominfo names no atoms');
    const isResponse = isResponseRun(this.#number('IBRION'));
    const cell = isResponse ? this.#initial : (step?.cell ?? this.#final ?? this.#initial);
    if (cell === undefined) throw new RejectedInput('missing_field', 'there is no structure');
    const functional = this.#functional();
    const numbers = Uint8Array.from(ions, (symbol) => atomicNumber(symbol) ?? speciesAtomicNumber(symbol, 'atominfo'));
    return {
      code: vaspCode(this.#version),
      ...(functional !== undefined && { functional }),
      structure: structureOf(cell, numbers),
      ...(this.#initial !== undefined && !isResponse && { initialStructure: structureOf(this.#initial, numbers) }),
      ...(step !== undefined && resultsOf(step, ions.length)),
      ...(step !== undefined && this.#energy(step)),
      isFinished: step !== undefined,
      isElectronicConverged: step !== undefined && (isResponse ? this.#allConverged : this.#isConverged(step)),
      isIonicConverged: this.#isIonicConverged(),
    };
  }

  #beginStep(): void {
    this.#steps++;
    this.#running = {
      electronicSteps: 0,
      extrapolated: undefined,
      free: undefined,
      total: undefined,
      cell: undefined,
      forces: [],
      stress: [],
      isDone: false,
    };
  }

  #endStep(): void {
    const step = this.#running;
    this.#running = undefined;
    if (step === undefined) return;
    this.#allConverged &&= this.#isConverged(step);
    // Finite differences go on with distorted cells: the numbers of the crystal are those of the first step.
    if (this.#step === undefined || !isResponseRun(this.#number('IBRION'))) this.#step = step;
  }

  #beginCell(path: readonly string[], name: string): void {
    this.#cell = { basis: [], positions: [] };
    const isOfStep = path.at(-2) === 'calculation';
    if (isOfStep && this.#running) this.#running.cell = this.#cell;
    else if (name === 'initialpos') this.#initial = this.#cell;
    else if (name === 'finalpos') this.#final = this.#cell;
  }

  /** Where the vectors of an array go; undefined if nobody needs them. */
  #place(path: readonly string[], name: string): string[] | undefined {
    if (path.includes('structure')) {
      if (name === 'basis') return this.#cell?.basis;
      return name === 'positions' ? this.#cell?.positions : undefined;
    }
    if (path.at(-2) !== 'calculation' || this.#running === undefined) return undefined;
    if (name === 'forces') return this.#running.forces;
    return name === 'stress' ? this.#running.stress : undefined;
  }

  #keepVector(text: string): void {
    if (this.#vectors === undefined) return;
    if (this.#vectors.length > SITES_MAX) throw tooManySites(this.#vectors.length);
    this.#vectors.push(text.slice(0, KEPT_CHARACTERS_MAX));
  }

  /** The first cell of a row of `atoms` names the element; the last one of `atomtypes` the POTCAR. */
  #keepAtom(path: readonly string[], text: string): void {
    if (path[1] !== 'atominfo') return;
    this.#cells++;
    const word = text.trim().slice(0, KEPT_CHARACTERS_MAX);
    if (this.#array === 'atoms' && this.#cells === 1) {
      if (this.#elements.length >= SITES_MAX) throw tooManySites(this.#elements.length + 1);
      this.#elements.push(word);
    }
    if (this.#array === 'atomtypes' && this.#cells === 5) this.#potcar ||= word;
  }

  #wants(path: readonly string[], name: string): boolean {
    if (path[1] === 'generator') return name === 'version';
    if (path[1] === 'incar' || path[1] === 'parameters') return TAGS.has(name);
    if (path.at(-2) !== 'energy') return false;
    return name === 'e_fr_energy' || (name === 'e_0_energy' && path.at(-3) === 'scstep');
  }

  #keepValue(path: readonly string[], text: string): void {
    if (path[1] === 'generator') this.#version = text;
    else if (path[1] !== 'calculation') this.#tags.set(this.#name, text);
    else if (this.#running?.isDone === false) keepEnergy(this.#running, path.at(-3)!, this.#name, text);
  }

  #number(tag: string): number | undefined {
    const value = Number.parseFloat(this.#tags.get(tag) ?? '');
    return Number.isFinite(value) ? value : undefined;
  }

  /** VASP stops at NELM electronic steps, whether they are converged or not. */
  #isConverged({ electronicSteps }: Step): boolean {
    if (this.#tags.get('ML_LMLFF') === 'T') return true;
    return electronicSteps > 0 && electronicSteps < (this.#number('NELM') ?? Number.POSITIVE_INFINITY);
  }

  #isIonicConverged(): boolean {
    const steps = this.#number('NSW') ?? 0;
    return this.#steps < steps || !isRelaxation(this.#number('IBRION'), steps);
  }

  /**
   * The energy extrapolated to zero smearing. The ionic step's own e_0_energy is wrong in several versions of VASP, and
   * that of the last electronic step lacks dispersion corrections; with an outer pressure the ionic step adds p V.
   */
  #energy({ extrapolated, free, total, cell }: Step): { energy?: number } {
    if (extrapolated === undefined || free === undefined || total === undefined) return {};
    const [zero, electronic, ionic] = [extrapolated, free, total].map(
      (text) => fortranNumbers(text, 1, 'the energy')[0]!,
    );
    const kilobar = this.#number('PSTRESS') ?? 0;
    const volume = kilobar === 0 || cell === undefined ? 0 : latticeOf(cell).volume;
    return { energy: ionic! - kilobar * volume * EV_PER_KILOBAR_ANGSTROM3 + (zero! - electronic!) };
  }

  #functional(): string | undefined {
    return vaspFunctional({
      gga: this.#tags.get('GGA') ?? '--',
      potcar: /^PAW_PBE/.test(this.#potcar) ? 'PE' : /^(?:PAW|US) /.test(this.#potcar) ? 'CA' : '--',
      metaGga: this.#tags.get('METAGGA') ?? '--',
      isHybrid: this.#tags.get('LHFCALC') === 'T',
      exactExchange: this.#number('AEXX') ?? 0,
      screening: this.#number('HFSCREEN') ?? 0,
      isVdw: this.#tags.get('LUSE_VDW') === 'T',
      dispersion: this.#number('IVDW') ?? 0,
      hasU: this.#tags.get('LDAU') === 'T',
    });
  }
}

function structureOf(cell: CellText, numbers: Uint8Array): Structure {
  const { positions } = cell;
  if (positions.length !== numbers.length) {
    const found = `${positions.length} positions for ${numbers.length} atoms`;
    throw new RejectedInput('missing_field', `${found}: the file is damaged or cut short`);
  }
  return createStructure(
    latticeOf(cell),
    numbers,
    positions.flatMap((line) => fortranNumbers(line, 3, 'the position of an atom')),
  );
}

function keepEnergy(step: Step, parent: string, name: string, text: string): void {
  if (parent === 'calculation') step.total = text;
  else if (name === 'e_0_energy') step.extrapolated = text;
  else step.free = text;
}

function latticeOf({ basis }: CellText): Lattice {
  return createLattice(basis.flatMap((line) => fortranNumbers(line, 3, 'a lattice vector')));
}

function resultsOf({ forces, stress }: Step, ions: number): Partial<CalculationRun> {
  return {
    ...(stress.length === 3 && { stress: stressOfRows(stress) }),
    ...(forces.length === ions && {
      forces: Float64Array.from(forces.flatMap((line) => fortranNumbers(line, 3, 'a force'))),
    }),
  };
}

function stressOfRows(rows: readonly string[]): Float64Array {
  const [x, y, z] = rows.map((line) => fortranNumbers(line, 3, 'the stress')) as [number[], number[], number[]];
  return stressOfKilobar([x[0]!, y[1]!, z[2]!, (y[2]! + z[1]!) / 2, (x[2]! + z[0]!) / 2, (x[1]! + y[0]!) / 2]);
}
