import { basename, relative } from 'node:path';
import { quote } from '../../../formats/located-rejection.ts';
import { RejectedInput } from '../../../model/rejection.ts';
import { type InputFile, inputFiles } from './input-files.ts';

/** The structure files of a folder, by the names that a table may give them. */
export interface StructureFiles {
  /**
   * @param names of one material, the most telling first: a path below the folder, a file name, or a name without its
   *   extension
   * @returns why there is none, if there is none
   */
  find(names: readonly string[]): InputFile | RejectedInput;
}

/** Holds one name of several files: which of them is meant cannot be told. */
const SEVERAL = Symbol('several files');

/** @throws AppError `input_unreadable` if the folder cannot be read */
export async function createStructureFiles(folder: string): Promise<StructureFiles> {
  const files = new Map<string, InputFile | typeof SEVERAL>();
  for await (const file of inputFiles([folder], () => {})) {
    const path = relative(folder, file.path!);
    const names = new Set([path, basename(path), basename(path).replace(/\.gz$/i, ''), file.idHint]);
    for (const name of names) {
      const key = name.normalize('NFC');
      files.set(key, files.has(key) && name !== path ? SEVERAL : file);
    }
  }
  return {
    find(names) {
      for (const name of names) {
        const found = files.get(name.normalize('NFC').replace(/^\.\//, '')) ?? files.get(lastPart(name));
        if (found === SEVERAL) {
          return new RejectedInput(
            'missing_field',
            `several files in ${folder} are called ${quote(name)}; give its path there`,
          );
        }
        if (found !== undefined) return found;
      }
      const [name] = names;
      return new RejectedInput(
        'missing_field',
        `no structure file in ${folder} is called ${quote(name)} (.cif, .poscar, .vasp, .json, or a folder with a POSCAR)`,
      );
    },
  };
}

/** Tables that were written elsewhere name paths of another machine. */
function lastPart(name: string): string {
  return name.normalize('NFC').split(/[\\/]/).at(-1) ?? name;
}
