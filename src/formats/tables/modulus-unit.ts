import type { ModulusUnit } from '../../model/input-units.ts';

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
}

const TITLE_CHARACTERS_MAX = 256;
/** Matbench calls its decadic logarithms log_gvrh. */
const LOGARITHM = /^log(?:_?10)?(?:\s*\(|[\s_]+)(.+?)\)?$/i;
const BRACKETS = /^(.*?)\s*[([]([^()[\]]+(?:\([^()]*\))?)[)\]]\s*$/;
const TRAILING = /^(.*?)(?:_|\s+|\s*[/,:]\s*)(gpa|kbar|mbar|mpa|pa|ev\/(?:a|å)\^?3)$/i;

/** Reads a title such as `G_VRH`, `G_VRH [kbar]`, `shear modulus / GPa`, `K_VRH_GPa`, `log10(G_VRH)`, `log_gvrh`. */
export function columnTitle(title: string): ColumnTitle {
  const text = title.trim();
  // The patterns must not run on texts of any length.
  if (text.length > TITLE_CHARACTERS_MAX) return { name: text };
  const log = LOGARITHM.exec(text);
  if (log) {
    const inner = columnTitle(log[1]!);
    return (inner.unit ?? 'GPa') === 'GPa' ? { name: inner.name, unit: 'log10(GPa)' } : { name: text };
  }
  const parts = BRACKETS.exec(text) ?? TRAILING.exec(text);
  const unit = parts ? modulusUnit(parts[2]!) : undefined;
  // Brackets may hold another word, as in G (Reuss): then it belongs to the name.
  return parts && unit !== undefined ? { name: parts[1]!.replace(/[,:]\s*$/, ''), unit } : { name: text };
}
