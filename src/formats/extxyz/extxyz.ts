import { parseMaterialId } from '../../model/material-id.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { SITES_MAX, type Structure, siteCount } from '../../model/structure.ts';
import { cartesianStructure } from '../cartesian-cell.ts';
import { fortranNumbers } from '../fortran-numbers.ts';
import type { ParsedMaterial } from '../input-unit.ts';
import { tooManySites } from '../json-fields.ts';
import { LocatedRejection, locate, quote } from '../located-rejection.ts';
import { labelOfProperties, namedFacts, namedId, namedProperties } from '../named-properties.ts';
import { siteAtomicNumber } from '../site-symbol.ts';
import { columnsOf, frameInfo } from './frame-info.ts';

const WORD_CHARACTERS_MAX = 1024;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?$/;

/** A whole frame. `parse` is a thunk, so that one rejected frame leaves the others readable. */
export interface Frame {
  /** From 1. */
  readonly number: number;
  /**
   * @param idHint the id, if the frame gives none
   * @throws RejectedInput
   */
  readonly parse: (idHint: string) => ParsedMaterial;
}

/** A frame whose lines are being read. */
interface OpenFrame {
  readonly line: number;
  readonly count: number;
  comment: string | undefined;
  readonly atoms: string[];
}

/**
 * Cuts an extended XYZ file into frames, line by line. It holds one frame. A frame that is damaged inside leaves the
 * others readable; after a count that is none, nobody knows where the next one begins.
 */
export class ExtxyzFrames {
  #line = 0;
  #frames = 0;
  #open: OpenFrame | undefined;
  /** Whether a frame is too large to be kept; its lines are passed over. */
  #skipping: { left: number } | undefined;

  /**
   * Takes a line and returns the frame that it completes.
   * @throws LocatedRejection `bad_syntax`
   */
  read(line: string): Frame | undefined {
    this.#line++;
    if (this.#skipping !== undefined) {
      this.#skipping.left--;
      if (this.#skipping.left === 0) this.#skipping = undefined;
      return undefined;
    }
    if (this.#open === undefined) return this.#begin(line);
    if (this.#open.comment === undefined) this.#open.comment = line;
    else this.#open.atoms.push(line.slice(0, WORD_CHARACTERS_MAX));
    return this.#open.comment !== undefined && this.#open.atoms.length === this.#open.count
      ? this.#complete()
      : undefined;
  }

  /** @throws LocatedRejection `truncated`, `no_sites` */
  end(): void {
    if (this.#open !== undefined || this.#skipping !== undefined) {
      const message = `frame ${this.#frames} is cut short: fewer lines than atoms; fetch the file again`;
      throw new LocatedRejection('truncated', message, { locator: `line ${this.#line}` });
    }
    if (this.#frames === 0) throw new RejectedInput('no_sites', 'the file holds no frame');
  }

  #begin(line: string): Frame | undefined {
    if (line.trim() === '') return undefined;
    const count = /^\s*\d{1,15}\s*$/.test(line) ? Number(line) : Number.NaN;
    if (!Number.isFinite(count)) {
      const message = `expected the number of atoms of a frame, not ${quote(line.trim())}`;
      throw new LocatedRejection('bad_syntax', message, { locator: `line ${this.#line}` });
    }
    this.#frames++;
    if (count <= SITES_MAX) {
      this.#open = { line: this.#line, count, comment: undefined, atoms: [] };
      return undefined;
    }
    this.#skipping = { left: count + 1 };
    const refuse = () => {
      throw tooManySites(count);
    };
    return { number: this.#frames, parse: refuse };
  }

  #complete(): Frame {
    const { comment, atoms, line } = this.#open!;
    this.#open = undefined;
    return {
      number: this.#frames,
      parse: (idHint) => locate({ locator: `line ${line}` }, () => parseFrame(comment!, atoms, idHint)),
    };
  }
}

function parseFrame(comment: string, atoms: readonly string[], idHint: string): ParsedMaterial {
  const info = frameInfo(comment);
  const id = parseMaterialId(namedId(info, idHint));
  return locate({ materialId: id }, () => {
    const structure = structureOf(info, atoms);
    const numbers = [...info].map(([key, value]) => [key, NUMBER.test(value) ? Number(value) : undefined] as const);
    const properties = namedProperties(numbers);
    const label = labelOfProperties(properties, siteCount(structure), info.get('calculator'));
    return { material: { id, structure, ...namedFacts(properties.values) }, ...(label !== undefined && { label }) };
  });
}

function structureOf(info: ReadonlyMap<string, string>, atoms: readonly string[]): Structure {
  const lattice = info.get('Lattice');
  if (lattice === undefined) {
    throw new RejectedInput('missing_field', 'the comment line has no Lattice="...": only periodic crystals are read');
  }
  const pbc = (info.get('pbc') ?? 'T T T').trim();
  if (!/^(?:T(?:rue)?|1)(?:[\s,]+(?:T(?:rue)?|1)){0,2}$/i.test(pbc)) {
    throw new RejectedInput(
      'bad_lattice',
      `pbc is ${quote(pbc)}: only crystals that are periodic in all directions are read`,
    );
  }
  const { species, isNumber, positions, count } = columnsOf(info.get('Properties') ?? 'species:S:1:pos:R:3');
  const atomicNumbers = new Uint8Array(atoms.length);
  const coords = new Float64Array(3 * atoms.length);
  for (const [i, line] of atoms.entries()) {
    const words = line.trim().split(/\s+/, count);
    if (words.length < count) {
      throw new RejectedInput('truncated', `atom ${i + 1} has ${words.length} of ${count} columns: ${quote(line)}`);
    }
    const word = words[species]!;
    atomicNumbers[i] = isNumber ? wholeNumber(word) : siteAtomicNumber(word, `the species of atom ${i + 1}`);
    const place = words.slice(positions, positions + 3).join(' ');
    coords.set(fortranNumbers(place, 3, `the position of atom ${i + 1}`), 3 * i);
  }
  return cartesianStructure(fortranNumbers(lattice, 9, 'Lattice'), atomicNumbers, coords);
}

/** @returns the atomic number, or 0, which no structure takes */
function wholeNumber(word: string): number {
  return /^\d{1,3}$/.test(word) && Number(word) <= 118 ? Number(word) : 0;
}
