import { openFileSource } from '../../adapters/sources/files/file-source.ts';
import { moduliOfTensor } from '../../learning/data/tensor-moduli.ts';
import type { Rejection, RejectionCode } from '../../model/rejection.ts';
import type { TableOptions } from '../../model/table-options.ts';
import { MODULI, type Modulus } from '../../model/target.ts';

/** A file or folder, and what is said of it if it is a table. */
export interface DataPath {
  readonly path: string;
  readonly table: TableOptions;
}

/** What a file or folder holds. */
export interface Survey extends DataPath {
  /** What was found in tables. */
  readonly notes: readonly string[];
  readonly materials: number;
  readonly labels: number;
  /** Materials without a label, here or in what was surveyed before, where each is counted once. */
  readonly unlabelled: number;
  /** The known values by target, in GPa. */
  readonly values: Readonly<Record<Modulus, readonly number[]>>;
  readonly rejected: ReadonlyMap<RejectionCode, { readonly count: number; readonly first: Rejection }>;
  /** Files in a folder that are of no known kind. */
  readonly skipped: readonly string[];
}

/** Ids of materials with and without a label. */
export interface MetIds {
  readonly labelled: Set<string>;
  readonly unlabelled: Set<string>;
}

/**
 * Reads all of a file or folder as a campaign would.
 * @param met what was found before; what is found here is added
 * @throws AppError `input_unreadable`, `interrupted`
 */
export async function surveyPath(data: DataPath, met: MetIds): Promise<Survey> {
  const notes: string[] = [];
  const skipped: string[] = [];
  const source = await openFileSource(data.path, {
    moduliOf: moduliOfTensor,
    table: data.table,
    onNote: (line) => void notes.push(line),
    onSkipped: (path) => void skipped.push(path),
  });
  const values: Record<Modulus, number[]> = { g_vrh: [], k_vrh: [] };
  const rejected = new Map<RejectionCode, { count: number; first: Rejection }>();
  const without: string[] = [];
  let [materials, labels] = [0, 0];
  for await (const item of source.read()) {
    if (item.kind === 'rejection') {
      const entry = rejected.get(item.rejection.code) ?? { count: 0, first: item.rejection };
      entry.count++;
      rejected.set(item.rejection.code, entry);
      continue;
    }
    materials++;
    const { material, label } = item;
    if (label === undefined) without.push(material.id);
    else {
      labels++;
      met.labelled.add(material.id);
      for (const target of MODULI) {
        const value = label.values[target];
        if (value !== undefined) values[target].push(value);
      }
    }
  }
  const open = without.filter((id) => !met.labelled.has(id) && !met.unlabelled.has(id));
  for (const id of open) met.unlabelled.add(id);
  return { ...data, notes, skipped, materials, labels, unlabelled: open.length, values, rejected };
}
