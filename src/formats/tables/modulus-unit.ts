import type { ModulusUnit } from '../../model/table-options.ts';

/** 1 eV = 1.602176634e-19 J and 1 Angstrom^3 = 1e-30 m^3, both exact (SI 2019). */
const GPA_PER_EV_PER_CUBIC_ANGSTROM = 160.2176634;

const GPA_PER_UNIT: Readonly<Record<Exclude<ModulusUnit, 'log10(GPa)'>, readonly [multiply: number, divide: number]>> =
  {
    // A quotient by a power of ten is rounded correctly, a product with 0.1 is not.
    GPa: [1, 1],
    kbar: [1, 10],
    Mbar: [100, 1],
    MPa: [1, 1e3],
    Pa: [1, 1e9],
    'eV/A^3': [GPA_PER_EV_PER_CUBIC_ANGSTROM, 1],
  };

export function toGigapascal(value: number, unit: ModulusUnit): number {
  if (unit === 'log10(GPa)') return 10 ** value;
  const [multiply, divide] = GPA_PER_UNIT[unit];
  return (value * multiply) / divide;
}

const SPELLINGS: readonly (readonly [RegExp, ModulusUnit])[] = [
  [/^gpa$/i, 'GPa'],
  [/^k(?:ilo)?bars?$/i, 'kbar'],
  [/^(?:Mbars?|megabars?)$/, 'Mbar'],
  [/^MPa$/, 'MPa'],
  [/^pa$/i, 'Pa'],
  [/^ev\s*\/\s*(?:(?:a|å|ang|angstrom)\s*(?:\^|\*\*)?\s*3|å³|a³)$/i, 'eV/A^3'],
  [/^log_?10\s*\(?\s*gpa\s*\)?$/i, 'log10(GPa)'],
];

/** The unit that a text means; undefined if it is none of a modulus. */
function modulusUnit(text: string): ModulusUnit | undefined {
  return SPELLINGS.find(([pattern]) => pattern.test(text.trim().normalize('NFC')))?.[1];
}

/** A column's name without what it says of the unit. */
export interface ColumnTitle {
  readonly name: string;
  readonly unit?: ModulusUnit;
  /** A unit in brackets that is none of a modulus. */
  readonly otherUnit?: string;
}

const LOGARITHM = /^log_?10?(?![a-z0-9])[\s_]*(.+)$/i;
const BRACKETS = /^(.*?)\s*[([]([^()[\]]+(?:\([^()]*\))?)[)\]]\s*$/;
const TRAILING = /^(.*?)(?:_|\s+|\s*[/,:]\s*)(gpa|kbar|mbar|mpa|pa|ev\/(?:a|å)\^?3)$/i;

/** Reads a title such as `G_VRH`, `G_VRH [kbar]`, `shear modulus / GPa`, `K_VRH_GPa`, `log10(G_VRH)`, `log_gvrh`. */
export function columnTitle(title: string): ColumnTitle {
  const text = title.trim();
  const log = LOGARITHM.exec(text);
  if (log) {
    const inner = withoutParentheses(log[1]!.trim());
    return { name: columnTitle(inner).name, unit: 'log10(GPa)' };
  }
  const bracketed = BRACKETS.exec(text);
  if (bracketed) {
    const unit = modulusUnit(bracketed[2]!);
    const name = bracketed[1]!.replace(/[,:]\s*$/, '');
    return unit === undefined ? { name, otherUnit: bracketed[2]!.trim() } : { name, unit };
  }
  const trailing = TRAILING.exec(text);
  const unit = trailing ? modulusUnit(trailing[2]!) : undefined;
  return trailing && unit !== undefined ? { name: trailing[1]!, unit } : { name: text };
}

function withoutParentheses(text: string): string {
  return text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1).trim() : text;
}
