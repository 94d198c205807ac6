import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hall_symbol_entry, initSync, type MoyoHallSymbolEntry, operations_from_number } from '@spglib/moyo-wasm';
import type { Matrix3 } from '../../model/lattice.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { quote } from '../located-rejection.ts';
import { preservesCell, type SymmetryOperation } from './symmetry-operation.ts';

/** What a file states about its space group; every field may be absent. */
export interface SpaceGroupName {
  readonly hall?: string;
  /** Hermann-Mauguin symbol, short or full, optionally with its setting: `P 21/c`, `R -3 m :H`, `F d -3 m Z`. */
  readonly hermannMauguin?: string;
  readonly number?: number;
}

const HALL_NUMBER_MAX = 530;
const SYMBOL_CHARACTERS_MAX = 64;
const MONOCLINIC = { first: 3, last: 15 };
const CUBIC_FIRST = 195;
/** Relative. Cells are published with at least three decimals, so a matching setting fits this well. */
const CELL_TOLERANCE = 1e-3;
/** The symbols of 1992 for groups with two glide planes, mapped to the older symbols. */
const DOUBLE_GLIDE = new Map([
  ['aem2', 'abm2'],
  ['aea2', 'aba2'],
  ['cmce', 'cmca'],
  ['cmme', 'cmma'],
  ['ccce', 'ccca'],
]);

interface Setting {
  readonly entry: MoyoHallSymbolEntry;
  readonly hall: string;
  readonly names: ReadonlySet<string>;
}

let settings: readonly Setting[] | undefined;

function compact(name: string): string {
  return name.toLowerCase().replace(/[\s_]/g, '');
}

/** Blanks matter in Hall symbols: P 3 2 and P 32 are two groups. */
function spaced(hall: string): string {
  return hall
    .toLowerCase()
    .replace(/[\s_]+/g, ' ')
    .trim();
}

/** The 530 settings of the International Tables; created once per thread, on first use. */
function allSettings(): readonly Setting[] {
  if (settings === undefined) {
    const script = createRequire(import.meta.url).resolve('@spglib/moyo-wasm');
    initSync({ module: readFileSync(script.replace(/\.js$/, '_bg.wasm')) });
    settings = Array.from({ length: HALL_NUMBER_MAX }, (_, i) => {
      const entry = hall_symbol_entry(i + 1);
      return { entry, hall: spaced(entry.hall_symbol), names: new Set(namesOf(entry)) };
    });
  }
  return settings;
}

function namesOf({ number, hm_short, hm_full }: MoyoHallSymbolEntry): string[] {
  // All settings of a monoclinic group have the same hm_short, so only the full symbol without its 1s distinguishes
  // them.
  if (number >= MONOCLINIC.first && number <= MONOCLINIC.last) {
    return [compact(hm_full), compact(hm_full.replace(/ 1(?= |$)/g, ''))];
  }
  const names = [compact(hm_short), compact(hm_full)];
  // Also the symbol as written before 1983, such as F d 3 m.
  if (number >= CUBIC_FIRST) names.push(compact(hm_short.replace('-3', '3')));
  return names;
}

/**
 * The operations of a space group, in the setting that the file names and that fits its cell.
 * @throws RejectedInput `bad_symmetry` if the name is unknown or ambiguous
 */
export function spaceGroupOperations(name: SpaceGroupName, cell: Matrix3): SymmetryOperation[] {
  const candidates = new Map<string, SymmetryOperation[]>();
  for (const { entry } of matchingSettings(name)) {
    const operations = operationsOf(entry);
    if (operations.every((operation) => preservesCell(operation, cell, CELL_TOLERANCE))) {
      candidates.set(signature(operations), operations);
    }
  }
  const [operations] = candidates.values();
  if (operations !== undefined && candidates.size === 1) return operations;
  const shown = quote(name.hall ?? name.hermannMauguin ?? `number ${name.number}`);
  const trouble = candidates.size === 0 ? 'is not known, or does not fit the cell' : 'leaves the origin or axes open';
  throw new RejectedInput(
    'bad_symmetry',
    `space group ${shown} ${trouble}; list the operations in _space_group_symop_operation_xyz, or all atoms in P 1`,
  );
}

/** moyo returns rotations in column-major order. */
function operationsOf({ number, hall_number }: MoyoHallSymbolEntry): SymmetryOperation[] {
  return operations_from_number(number, { type: 'HallNumber', value: hall_number }, false).map((operation) => ({
    rotation: [0, 3, 6, 1, 4, 7, 2, 5, 8].map((i) => operation.rotation[i]!),
    translation: operation.translation,
  }));
}

function matchingSettings(name: SpaceGroupName): readonly Setting[] {
  const all = allSettings();
  const { hall, number } = name;
  if (hall !== undefined) {
    const found = all.filter((setting) => setting.hall === spaced(hall));
    if (found.length > 0) return found;
  }
  if (name.hermannMauguin !== undefined && name.hermannMauguin.length <= SYMBOL_CHARACTERS_MAX) {
    const found = byHermannMauguin(name.hermannMauguin, all);
    if (found.length > 0) return found;
  }
  return all.filter(({ entry }) => entry.number === number);
}

function byHermannMauguin(text: string, all: readonly Setting[]): Setting[] {
  const [, symbol, colon, letter] = /^(.*?)(?::\s*([12hr])|\s([hrsz]))?$/i.exec(text.trim()) ?? [];
  const wanted = compact(symbol ?? text);
  const name = DOUBLE_GLIDE.get(wanted) ?? wanted;
  const suffix = (colon ?? letter)?.toUpperCase();
  // ICSD marks origin choice 1 with S and 2 with Z.
  const setting = suffix === 'S' ? '1' : suffix === 'Z' ? '2' : suffix;
  return all.filter(
    ({ entry, names }) =>
      (names.has(name) || names.has(wanted)) && (setting === undefined || entry.setting.startsWith(setting)),
  );
}

/** A text that is equal for equal sets of operations: several settings can have the same set. */
function signature(operations: readonly SymmetryOperation[]): string {
  return operations
    .map(({ rotation, translation }) => [...rotation, ...translation.map((t) => Math.round(24 * t) % 24)].join(' '))
    .sort()
    .join('|');
}
