import type { CalculationRun, RunTensor } from '../../model/calculation-run.ts';
import { gigapascalFromKilobar, voigtFromVasp } from '../../model/elastic-tensor.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { SITES_MAX } from '../../model/structure.ts';
import { fortranNumbers } from '../fortran-numbers.ts';
import { tooManySites } from '../json-fields.ts';
import { ionsOf, structureOf } from './outcar-cell.ts';
import { vaspFunctional } from './vasp-functional.ts';
import { isRelaxation, isResponseRun, stressOfKilobar, vaspCode } from './vasp-run.ts';

/** Longer lines are cut where they are kept: the numbers of interest stand at their beginning. */
const KEPT_CHARACTERS_MAX = 256;
/** More POTCARs than there are elements: no OUTCAR. */
const POTCARS_MAX = 1000;

/** Lines that are collected once their heading has been read. */
interface Block {
  skip: number;
  left: number;
  readonly into: string[];
}

type Heading = (line: string, outcar: OutcarReader) => void;

/** Reads a VASP OUTCAR line by line. It keeps the last cell only, as text: earlier ones may hold overflown numbers. */
export class OutcarReader {
  /** What was seen once and for all: `finished`, `stopped`, `relaxed`, `hubbard`. */
  readonly marks = new Set<string>();
  ions: number | undefined;
  counts: readonly number[] = [];
  readonly titles: string[] = [];
  readonly symbols: string[] = [];
  /** The POTCARs as listed above all else, usually twice. */
  readonly listed: string[] = [];
  readonly tags = new Map<string, string>();
  readonly #lines = new Map<string, string[]>();
  #block: Block | undefined;
  #steps = 0;
  #isLoopOpen = false;
  #hasOpenLoop = false;

  read(line: string): void {
    if (this.#block !== undefined) {
      this.#collect(line, this.#block);
      return;
    }
    const word = /^[\s-]*([A-Za-z]+)/.exec(line)?.[1];
    if (word === undefined) return;
    HEADINGS.get(word)?.(line, this);
  }

  /** Collects `count` lines below a heading under a name. What came before under this name is forgotten. */
  collect(name: string, count: number, skip = 0): void {
    if (this.#isPast(name)) return;
    const into: string[] = [];
    this.#lines.set(name, into);
    if (count > 0) this.#block = { skip, left: count, into };
  }

  /** Keeps one line under a name. */
  keep(name: string, line: string): void {
    if (!this.#isPast(name)) this.#lines.set(name, [line.slice(0, KEPT_CHARACTERS_MAX)]);
  }

  /** Finite differences go on with distorted cells, whose numbers are not those of the crystal. */
  #isPast(name: string): boolean {
    return this.#steps > 1 && isResponseRun(this.number('IBRION')) && OF_A_STEP.has(name) && this.#lines.has(name);
  }

  beginLoop(): void {
    this.#steps++;
    this.#hasOpenLoop ||= this.#isLoopOpen;
    this.#isLoopOpen = true;
  }

  endLoop(): void {
    this.#isLoopOpen = false;
  }

  #collect(line: string, block: Block): void {
    if (block.skip > 0) {
      block.skip--;
      return;
    }
    block.into.push(line.slice(0, KEPT_CHARACTERS_MAX));
    block.left--;
    if (block.left === 0) this.#block = undefined;
  }

  number(tag: string): number | undefined {
    const value = Number.parseFloat(this.tags.get(tag) ?? '');
    return Number.isFinite(value) ? value : undefined;
  }

  /**
   * Returns the run, when all lines have been read.
   * @throws RejectedInput
   */
  end(): CalculationRun {
    const lattice = this.#lines.get('lattice');
    if (lattice === undefined || this.counts.length === 0) {
      if (this.marks.has('finished'))
        throw new RejectedInput('missing_field', 'no cell: this is no OUTCAR of a VASP run');
      throw new RejectedInput('unfinished', 'the VASP run ended before its first step, or the file is cut short');
    }
    const lists = [this.titles, this.symbols, this.listed.slice(0, this.counts.length)];
    const ions = ionsOf(lists.find((list) => list.length > 0) ?? [], this.counts, this.ions);
    const functional = this.#functional();
    const ibrion = this.number('IBRION');
    const isResponse = isResponseRun(ibrion);
    const isFinished = this.marks.has('finished') && !this.marks.has('stopped');
    return {
      code: vaspCode(this.tags.get('version') ?? ''),
      ...(functional !== undefined && { functional }),
      structure: this.#structure(ions),
      ...(isFinished && this.#results(ions.length)),
      isFinished,
      isElectronicConverged: this.#steps > 0 && !this.#isLoopOpen && !(isResponse && this.#hasOpenLoop),
      isIonicConverged: this.marks.has('relaxed') || !isRelaxation(ibrion, this.number('NSW') ?? 0),
    };
  }

  #structure(ions: Uint8Array): CalculationRun['structure'] {
    const [initial, moved] = [this.#lines.get('fractional'), this.#lines.get('moved')];
    const isInitial = this.#steps <= 1 || isResponseRun(this.number('IBRION'));
    // Fractional coordinates have 8 digits, the Cartesian ones of later steps 5.
    const positions = isInitial && initial !== undefined ? initial : moved;
    const isCartesian = positions === moved;
    return structureOf({ lattice: this.#lines.get('lattice')!, positions: positions ?? [], isCartesian }, ions);
  }

  #results(ions: number): Partial<CalculationRun> {
    const energy = this.#lines.get('energy')?.[0]?.split('energy(sigma->0) =')[1];
    const stress = this.#lines.get('stress')?.[0]?.split('in kB')[1];
    const moved = this.#lines.get('moved');
    const tensor = this.#tensor();
    return {
      ...(energy !== undefined && { energy: fortranNumbers(energy, 1, 'the energy')[0]! }),
      ...(stress !== undefined && { stress: stressOfLine(stress) }),
      ...(moved?.length === ions && { forces: forcesOf(moved) }),
      ...(tensor !== undefined && { tensor }),
    };
  }

  #tensor(): RunTensor | undefined {
    const [total, clamped] = [this.#lines.get('total'), this.#lines.get('clamped')];
    const rows = total ?? clamped;
    if (rows === undefined) return undefined;
    const kilobar = rows.flatMap((line) => fortranNumbers(line.replace(/^\s*[XYZ]{2}/, ''), 6, 'the elastic moduli'));
    if (kilobar.length !== 36) throw new RejectedInput('truncated', 'the elastic moduli are cut short');
    const relaxedIon = total !== undefined && this.#lines.has('ionic');
    return { stiffness: voigtFromVasp(kilobar).map(gigapascalFromKilobar), relaxedIon };
  }

  #functional(): string | undefined {
    const { tags } = this;
    return vaspFunctional({
      gga: tags.get('GGA') ?? '--',
      potcar: tags.get('POTCAR') ?? '--',
      metaGga: tags.get('METAGGA') ?? 'F',
      isHybrid: tags.get('LHFCALC') === 'T',
      exactExchange: this.number('AEXX') ?? 0,
      screening: this.number('HFSCREEN') ?? 0,
      isVdw: tags.get('LUSE_VDW') === 'T',
      dispersion: this.number('IVDW') ?? 0,
      hasU: this.marks.has('hubbard'),
    });
  }
}

/** What each ionic step prints anew. */
const OF_A_STEP = new Set(['lattice', 'moved', 'stress', 'energy']);

/** `xx yy zz xy yz zx` in VASP's order. */
function stressOfLine(text: string): Float64Array {
  const [xx, yy, zz, xy, yz, zx] = fortranNumbers(text, 6, 'the stress');
  return stressOfKilobar([xx!, yy!, zz!, yz!, zx!, xy!]);
}

function forcesOf(lines: readonly string[]): Float64Array {
  return Float64Array.from(lines.flatMap((line) => fortranNumbers(line, 6, 'the forces').slice(3)));
}

const tag: Heading = (line, outcar) => {
  const [, name, value] = /^\s*(\w+)\s*=\s*([^\s;]+)/.exec(line) ?? [];
  if (name !== undefined) outcar.tags.set(name, value!.slice(0, KEPT_CHARACTERS_MAX));
};

const potcarTag =
  (list: 'titles' | 'symbols'): Heading =>
  (line, outcar) => {
    const value = line.split('=')[1]?.trim().slice(0, KEPT_CHARACTERS_MAX);
    if (value === undefined || outcar[list].length >= POTCARS_MAX) return;
    outcar[list].push(list === 'symbols' ? value.split(':')[0]! : value);
  };

function setOnce(outcar: OutcarReader, name: string, value: string | undefined): void {
  if (value !== undefined && !outcar.tags.has(name)) outcar.tags.set(name, value.slice(0, KEPT_CHARACTERS_MAX));
}

function listPotcar(outcar: OutcarReader, title: string | undefined): void {
  if (title !== undefined && outcar.listed.length < POTCARS_MAX)
    outcar.listed.push(title.slice(0, KEPT_CHARACTERS_MAX));
}

function setIons(outcar: OutcarReader, value: string | undefined): void {
  if (value === undefined) return;
  outcar.ions = Number(value);
  if (!(outcar.ions <= SITES_MAX)) throw tooManySites(outcar.ions);
}

function setCounts(outcar: OutcarReader, value: string | undefined): void {
  if (value === undefined) return;
  outcar.counts = value.trim().split(/\s+/, POTCARS_MAX).map(Number);
  const sum = outcar.counts.reduce((total, count) => total + count, 0);
  if (!(sum <= SITES_MAX)) throw tooManySites(sum);
}

const mark =
  (name: string, part: string): Heading =>
  (line, outcar) => {
    if (line.includes(part)) outcar.marks.add(name);
  };

const rows =
  (name: string, part: string, count: number, skip: number): Heading =>
  (line, outcar) => {
    if (line.includes(part)) outcar.collect(name, count, skip);
  };

/** As many lines as there are ions. */
const ionRows =
  (name: string, part: string, skip: number): Heading =>
  (line, outcar) => {
    if (line.includes(part)) outcar.collect(name, outcar.ions ?? 0, skip);
  };

const kept =
  (name: string, part: string): Heading =>
  (line, outcar) => {
    if (line.includes(part)) outcar.keep(name, line);
  };

/** What to do with a line, by its first word. */
const HEADINGS: ReadonlyMap<string, Heading> = new Map<string, Heading>([
  ['vasp', (line, outcar) => setOnce(outcar, 'version', line)],
  ['TITEL', potcarTag('titles')],
  ['VRHFIN', potcarTag('symbols')],
  ['POTCAR', (line, outcar) => listPotcar(outcar, line.split('POTCAR:')[1])],
  // In a POTCAR the functional's two letters, further down a number.
  ['LEXCH', (line, outcar) => setOnce(outcar, 'POTCAR', /LEXCH\s*=\s*([A-Z\d]{2})\b/.exec(line)?.[1])],
  ['number', (line, outcar) => setIons(outcar, /NIONS\s*=\s*(\d+)/.exec(line)?.[1])],
  ['ions', (line, outcar) => setCounts(outcar, /ions per type\s*=\s*([\d\s]+)/.exec(line)?.[1])],
  ...['NSW', 'IBRION', 'GGA', 'METAGGA', 'LHFCALC', 'AEXX', 'HFSCREEN', 'LUSE', 'IVDW'].map(
    (name) => [name, tag] as const,
  ),
  ['LDA', mark('hubbard', 'LDA+U is selected')],
  ['direct', rows('lattice', 'direct lattice vectors', 3, 0)],
  ['position', ionRows('fractional', 'ions in fractional', 0)],
  ['POSITION', ionRows('moved', 'TOTAL-FORCE', 1)],
  ['in', kept('stress', 'in kB')],
  ['energy', kept('energy', 'energy  without entropy')],
  ['Iteration', (line, outcar) => /Iteration\s*\d+\(\s*1\)/.test(line) && outcar.beginLoop()],
  ['aborting', (line, outcar) => line.includes('EDIFF is reached') && outcar.endLoop()],
  ['reached', mark('relaxed', 'reached required accuracy')],
  ['soft', mark('stopped', 'stop encountered')],
  ['hard', mark('stopped', 'stop encountered')],
  ['General', mark('finished', 'General timing')],
  ['SYMMETRIZED', rows('clamped', 'ELASTIC MODULI', 6, 2)],
  ['ELASTIC', kept('ionic', 'IONIC RELAXATION')],
  ['TOTAL', rows('total', 'TOTAL ELASTIC MODULI', 6, 2)],
]);
