import { type MeasuredValues, MODULI, targetNameProblem } from '../model/target.ts';
import type { GivenLabel } from './input-unit.ts';

/** More properties than anybody gives a structure: the rest is left out. */
const PROPERTIES_MAX = 200;

/** Units by property, where those who write such files agree on them; all others are taken to have none. */
const UNITS: Readonly<Record<string, string>> = {
  energy: 'eV',
  free_energy: 'eV',
  energy_per_atom: 'eV/atom',
  formation_energy_per_atom: 'eV/atom',
  energy_above_hull: 'eV/atom',
  hform: 'eV/atom',
  heat_of_formation: 'eV/atom',
  ehull: 'eV/atom',
  band_gap: 'eV',
  gap: 'eV',
};

/** Numbers that count or identify, and are no properties of a crystal. */
const NO_PROPERTIES = new Set(['id', 'uid', 'index', 'step', 'frame', 'material_id', 'natoms', 'charge']);

/**
 * The numeric properties among named values: `Band Gap` becomes `band_gap`. What has no unit that is known has none.
 * Of two that would get the same name the first stays.
 */
export function namedProperties(given: Iterable<readonly [string, unknown]>): MeasuredValues {
  const values: Record<string, number> = {};
  const units: Record<string, string> = {};
  let count = 0;
  for (const [key, value] of given) {
    if (typeof value !== 'number' || !Number.isFinite(value) || count >= PROPERTIES_MAX) continue;
    const name = propertyName(key);
    if (targetNameProblem(name) !== undefined || NO_PROPERTIES.has(name) || Object.hasOwn(values, name)) continue;
    values[name] = value;
    if (!MODULI.some((modulus) => modulus === name)) units[name] = UNITS[name] ?? '';
    count++;
  }
  return { values, units };
}

function propertyName(key: string): string {
  const words = key.slice(0, 100).trim().toLowerCase();
  return words.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
}

/** What names a material wherever it is met, the most telling first. A `name` may be shared by many. */
const ID_KEYS = ['material_id', 'mp_id', 'mpid', 'materials_id', 'mp_identifier', 'jid', 'identifier'] as const;

/** The material's id among named values, otherwise the hint. */
export function namedId(given: Iterable<readonly [string, unknown]>, idHint: string): string {
  const byKey = new Map([...given].map(([key, value]) => [key.toLowerCase(), value] as const));
  const found = ID_KEYS.map((key) => byKey.get(key)).find((value) => typeof value === 'string' && value !== '');
  return (found as string | undefined) ?? idHint;
}

/** The facts of a material among named values: features use them. */
export function namedFacts(values: MeasuredValues['values']): {
  bandGap?: number;
  formationEnergyPerAtom?: number;
  energyAboveHull?: number;
} {
  const { band_gap: gap, formation_energy_per_atom: formation, energy_above_hull: hull } = values;
  return {
    ...(gap !== undefined && { bandGap: gap }),
    ...(formation !== undefined && { formationEnergyPerAtom: formation }),
    ...(hull !== undefined && { energyAboveHull: hull }),
  };
}

const CODE_CHARACTERS_MAX = 100;

/** The label that numeric properties make; the energy of the cell becomes one per atom. Undefined without any. */
export function labelOfProperties(
  { values, units }: MeasuredValues,
  sites: number,
  calculator: string | undefined,
): GivenLabel | undefined {
  const { energy, free_energy: _, ...others } = values;
  const { energy: __, free_energy: ___, ...otherUnits } = units ?? {};
  const perAtom = others.energy_per_atom ?? (energy === undefined ? undefined : energy / sites);
  const all = { ...others, ...(perAtom !== undefined && { energy_per_atom: perAtom }) };
  if (Object.keys(all).length === 0) return undefined;
  return {
    method: { kind: 'dft', ...(calculator !== undefined && { code: calculator.slice(0, CODE_CHARACTERS_MAX) }) },
    values: all,
    units: { ...otherUnits, ...(perAtom !== undefined && { energy_per_atom: 'eV/atom' }) },
  };
}
