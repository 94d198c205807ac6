import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { atomicNumber } from '../../src/model/element-symbols.ts';
import { createLattice } from '../../src/model/lattice.ts';
import { createStructure, type Structure } from '../../src/model/structure.ts';

/** A structure in the format of the reference files. */
export interface StructureRow {
  readonly lattice: readonly (readonly number[])[];
  readonly species: readonly string[];
  readonly frac_coords: readonly (readonly number[])[];
}

/** A row of ../shared/data/*.jsonl.gz, with the fields that features need. */
export interface ReferenceRow extends StructureRow {
  readonly material_id: string;
  readonly space_group: number;
}

export function structureOfRow(row: StructureRow): Structure {
  const numbers = row.species.map((symbol) => atomicNumber(symbol)!);
  return createStructure(createLattice(row.lattice.flat()), numbers, row.frac_coords.flat());
}

export function readJsonLines<T>(path: string): T[] {
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}
