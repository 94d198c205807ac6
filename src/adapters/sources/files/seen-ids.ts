import { createHash } from 'node:crypto';
import type { StructureItem } from '../../../formats/input-unit.ts';
import type { Material } from '../../../model/material.ts';
import type { MaterialId } from '../../../model/material-id.ts';
import type { Rejection } from '../../../model/rejection.ts';
import { MODULI, type TargetValues } from '../../../model/target.ts';

/** Half of a SHA-256 hash: the probability that two of 10^9 different ids share it is 10^-21. */
const ID_WORDS = 4;
/** Two words of the structure's fingerprint follow. They only affect the wording of a message. */
const WORDS = ID_WORDS + 2;
const CAPACITY_MIN = 1024;

/** What the check for duplicates needs of a structure; small enough to send between threads. */
export interface StructureOrigin {
  readonly id: MaterialId;
  readonly source: string;
  readonly locator?: string;
  /** Result of `structureFingerprint`. */
  readonly fingerprint: string;
  /** Moduli of its label, GPa, if labels are read. Equal structures must have equal moduli. */
  readonly values?: TargetValues;
}

/**
 * Returns a hash of everything that features depend on: 32 hexadecimal digits of SHA-256 over a version, the number of
 * sites, then lattice, positions and known properties as little-endian Float64 (-0 becomes 0; NaN if unknown), then the
 * elements.
 */
export function structureFingerprint({ structure, ...known }: Material): string {
  const { lattice, atomicNumbers, fracCoords } = structure;
  const numbers = new Float64Array(9 + fracCoords.length + 4);
  numbers.set(lattice.matrix);
  numbers.set(fracCoords, 9);
  const properties = [known.spaceGroup, known.bandGap, known.formationEnergyPerAtom, known.energyAboveHull];
  for (const [i, value] of properties.entries()) numbers[9 + fracCoords.length + i] = value ?? Number.NaN;
  // Adding 0 turns -0 into 0.
  for (let i = 0; i < numbers.length; i++) numbers[i]! += 0;
  const hash = createHash('sha256').update(`h1:structure:${atomicNumbers.length}:`);
  return hash.update(numbers).update(atomicNumbers).digest('hex').slice(0, 32);
}

/**
 * The ids of a run, as hashes in an open-addressing table: about 50 bytes per id. A Map of strings needs several times
 * as much and ends at 2^24 entries.
 */
export interface SeenIds {
  readonly size: number;
  /**
   * Notes a structure. Call it in input order.
   * @returns a rejection if the id occurred before in this run; the first structure stays
   */
  admit(origin: StructureOrigin): Rejection | undefined;
}

export function createSeenIds(): SeenIds {
  return new IdTable();
}

class IdTable implements SeenIds {
  #count = 0;
  #capacity = CAPACITY_MIN;
  #table = new Uint32Array(CAPACITY_MIN * WORDS);
  /** Moduli by slot and target, GPa; NaN if unknown. Undefined until the first label. */
  #moduli: Float64Array | undefined;

  get size(): number {
    return this.#count;
  }

  admit({ id, source, locator, fingerprint, values }: StructureOrigin): Rejection | undefined {
    const { met, slot } = this.#note(id, fingerprint);
    if (met === 'new') {
      if (values !== undefined) this.#keep(values, slot);
      return undefined;
    }
    const place = { source, ...(locator !== undefined && { locator }), materialId: id };
    const before = `${id} came before in this run`;
    if (met === 'different') {
      const remedy = 'another structure, and the first is kept; give this one an id of its own';
      return { code: 'duplicate_id', message: `${before} with ${remedy}`, ...place };
    }
    const conflict = this.#conflict(values, slot);
    const remedy = 'and the first is kept; remove the one that is wrong';
    return conflict === ''
      ? { code: 'duplicate_id', message: `${before} with the very same structure; remove one of the two`, ...place }
      : {
          code: 'conflicting_label',
          message: `${before} with the same structure, but ${conflict}, ${remedy}`,
          ...place,
        };
  }

  #keep(values: TargetValues, slot: number): void {
    this.#moduli ??= new Float64Array(MODULI.length * this.#capacity).fill(Number.NaN);
    MODULI.forEach((target, i) => {
      this.#moduli![MODULI.length * slot + i] = values[target] ?? Number.NaN;
    });
  }

  /**
   * Describes how the values differ from those in the slot. Empty if they do not differ or if there is nothing to
   * compare.
   */
  #conflict(values: TargetValues | undefined, slot: number): string {
    if (values === undefined) return '';
    const differences = MODULI.flatMap((target, i) => {
      const first = this.#moduli?.[MODULI.length * slot + i] ?? Number.NaN;
      const second = values[target] ?? Number.NaN;
      if (Object.is(first, second) || first === second) return [];
      return `${target} was ${inGpa(first)} and is ${inGpa(second)}`;
    });
    return differences.join(' and ');
  }

  #note(id: string, fingerprint: string): { met: 'new' | 'same' | 'different'; slot: number } {
    if (2 * this.#count >= this.#capacity) this.#grow();
    const digest = createHash('sha256').update(id).digest();
    const entry = Uint32Array.from({ length: WORDS }, (_, i) => digest.readUInt32LE(4 * i));
    // An empty slot is all zeros.
    if (isEmpty(entry, 0)) entry[0] = 1;
    for (let k = 0; k < 2; k++) entry[ID_WORDS + k] = Number.parseInt(fingerprint.slice(8 * k, 8 * k + 8), 16);
    const base = this.#placeOf(entry, 0);
    const slot = base / WORDS;
    if (isEmpty(this.#table, base)) {
      this.#table.set(entry, base);
      this.#count++;
      return { met: 'new', slot };
    }
    const isSame = [4, 5].every((k) => this.#table[base + k] === entry[k]);
    return { met: isSame ? 'same' : 'different', slot };
  }

  /** Returns the position of the entry's id in the table, or else of the empty slot for it. */
  #placeOf(entries: Uint32Array, at: number): number {
    const table = this.#table;
    const mask = this.#capacity - 1;
    for (let slot = entries[at]! & mask; ; slot = (slot + 1) & mask) {
      const base = slot * WORDS;
      if (isEmpty(table, base)) return base;
      let k = 0;
      while (k < ID_WORDS && table[base + k] === entries[at + k]) k++;
      if (k === ID_WORDS) return base;
    }
  }

  #grow(): void {
    const [old, oldModuli] = [this.#table, this.#moduli];
    this.#capacity *= 4;
    this.#table = new Uint32Array(this.#capacity * WORDS);
    this.#moduli = oldModuli && new Float64Array(MODULI.length * this.#capacity).fill(Number.NaN);
    for (let at = 0; at < old.length; at += WORDS) {
      if (isEmpty(old, at)) continue;
      const place = this.#placeOf(old, at);
      this.#table.set(old.subarray(at, at + WORDS), place);
      const from = (MODULI.length * at) / WORDS;
      const moduli = oldModuli?.subarray(from, from + MODULI.length);
      if (moduli) this.#moduli?.set(moduli, (MODULI.length * place) / WORDS);
    }
  }
}

function inGpa(modulus: number): string {
  return Number.isNaN(modulus) ? 'not known' : `${modulus} GPa`;
}

function isEmpty(table: Uint32Array, base: number): boolean {
  return !(table[base] || table[base + 1] || table[base + 2] || table[base + 3]);
}

/**
 * Returns the item, or a rejection if the id of its material occurred before.
 * @param values the moduli of its label, if labels are read
 */
export function withoutDuplicates(item: StructureItem, seen: SeenIds, values?: TargetValues): StructureItem {
  if (item.kind === 'rejection') return item;
  const { material, source, locator } = item;
  const rejection = seen.admit({
    id: material.id,
    fingerprint: structureFingerprint(material),
    source,
    ...(locator !== undefined && { locator }),
    ...(values !== undefined && { values }),
  });
  return rejection === undefined ? item : { kind: 'rejection', rejection };
}
