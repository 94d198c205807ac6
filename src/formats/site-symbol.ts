import { atomicNumber } from '../model/element-symbols.ts';
import { RejectedInput } from '../model/rejection.ts';
import { quote } from './located-rejection.ts';

/** Names that programs give to sites without an atom: vacancies, centroids, electron-density maxima. */
const DUMMY = /^(?:X(?![e])[a-z]{0,2}|Va|Vac|Vacancy|Du|Dum|Dummy|Cent|Centroid|Q|Bq|Gh|\*)(?![A-Za-z])/i;
/**
 * Labels that stand for groups of atoms whose hydrogens or oxygens have no coordinates. Case distinguishes the group
 * NO3 from the third No.
 */
const GROUP = /^(?:[Ww]at|OH2?|H2O|NH[234]|NO3|SO4|CH[234])(?![a-z])/;
/** `0.8Nb + 0.2Zr`, `Nb,Zr`, `Fe/Ni`: several elements on one site. */
const MIXTURE = /^\d.*[A-Za-z]|[A-Za-z]\s*[,/+]\s*\d*\.?\d*[A-Za-z]/;

function elementOf(symbol: string): number | undefined {
  return symbol === 'D' || symbol === 'T' ? 1 : atomicNumber(symbol);
}

/** Longer texts are not symbols, and the patterns must not run on texts of any length. */
const SYMBOL_CHARACTERS_MAX = 64;

function reject(symbol: string, field: string): RejectedInput {
  if (symbol.length > SYMBOL_CHARACTERS_MAX)
    return new RejectedInput('unknown_element', `${field} ${quote(symbol)} is too long`);
  if (MIXTURE.test(symbol)) {
    return new RejectedInput(
      'partial_occupancy',
      `${field} ${quote(symbol)} names several elements on one site; give an ordered structure`,
    );
  }
  if (DUMMY.test(symbol)) {
    return new RejectedInput('dummy_site', `${field} ${quote(symbol)} is a site without an atom; remove it`);
  }
  return new RejectedInput('unknown_element', `${field} ${quote(symbol)} is no element; give a symbol such as Na`);
}

/**
 * The atomic number of a species: an element, optionally with an oxidation state (`Na`, `Fe3+`, `O2-`, `Cl-1`).
 * Deuterium and tritium (`D`, `T`) are hydrogen, as in pymatgen.
 * @throws RejectedInput `unknown_element`, `dummy_site`, `partial_occupancy`
 */
export function speciesAtomicNumber(symbol: unknown, field: string): number {
  if (typeof symbol !== 'string') {
    throw new RejectedInput('unknown_element', `${field} is ${quote(symbol)}; give an element symbol such as "Na"`);
  }
  const direct = atomicNumber(symbol);
  if (direct !== undefined) return direct;
  const match =
    symbol.length <= SYMBOL_CHARACTERS_MAX && /^([A-Z][a-z]?)(?:[+-]\d*\.?\d*|\d*\.?\d*[+-])?$/.exec(symbol);
  const z = match ? elementOf(match[1]!) : undefined;
  if (z === undefined) throw reject(symbol, field);
  return z;
}

/**
 * The atomic number of the element at the beginning of a CIF type symbol or site label (`Fe1`, `FE1A`, `O2-`, `Cval`).
 * As in pymatgen, two letters are used if they name an element, otherwise one. Unlike in pymatgen, a vacancy (`Va1`) is
 * not vanadium; a group (`Wat`, `OH2`) is rejected, because its other atoms are missing; and `T1` is a tetrahedral
 * site, not tritium.
 * @throws RejectedInput `unknown_element`, `dummy_site`, `partial_occupancy`
 */
export function siteAtomicNumber(label: string, field: string): number {
  if (label.length > SYMBOL_CHARACTERS_MAX || MIXTURE.test(label) || DUMMY.test(label)) throw reject(label, field);
  if (GROUP.test(label)) {
    throw new RejectedInput(
      'unknown_element',
      `${field} ${quote(label)} is a group of atoms; list each atom as a site of its own`,
    );
  }
  const [first, second] = [label[0]?.toUpperCase() ?? '', label[1]?.toLowerCase() ?? ''];
  const z =
    (/[a-z]/.test(second) ? atomicNumber(first + second) : undefined) ?? elementOf(first === 'T' ? label : first);
  if (z === undefined) throw reject(label, field);
  return z;
}
