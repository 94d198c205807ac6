import type { PseudopotentialFile } from '../../model/pseudopotential-file.ts';
import { mixedFunctionals } from './pseudopotentials.ts';

/** What a campaign says of its pseudopotentials. */
export interface PseudopotentialChoice {
  readonly folder: string;
  /** Name of the file, by element: where the folder holds several of an element. */
  readonly files: Readonly<Record<string, string>>;
}

/** SHA-256 by element, or what is wrong, each with the element that it concerns. */
export type PseudopotentialTable =
  | { readonly sha256: Readonly<Record<string, string>> }
  | { readonly problems: readonly { readonly element?: string; readonly message: string }[] };

/**
 * The pseudopotential of each element: the one named, or the only one of the folder that goes with those. Elements with
 * several, and none of them named, have none.
 */
export function pseudopotentialTable(
  found: readonly PseudopotentialFile[],
  { folder, files }: PseudopotentialChoice,
): PseudopotentialTable {
  const named: PseudopotentialFile[] = [];
  const problems: { element?: string; message: string }[] = [];
  for (const [element, name] of Object.entries(files)) {
    const file = found.find((one) => one.name === name);
    if (file?.element === element) named.push(file);
    else problems.push({ element, message: fileProblem(file, { element, name, folder }) });
  }
  const mixed = mixedFunctionals(named);
  if (mixed !== undefined) problems.push({ message: mixed });
  if (problems.length > 0) return { problems };
  const functional = named[0]?.functional;
  const fitting = found.filter((one) => functional === undefined || one.functional === functional);
  const only = fitting.filter(
    ({ element }) =>
      !Object.hasOwn(files, element) && fitting.filter((other) => other.element === element).length === 1,
  );
  const chosen = [...named, ...only].sort((a, b) => (a.element < b.element ? -1 : 1));
  const unlike = mixedFunctionals(chosen);
  if (unlike !== undefined) {
    return { problems: [{ message: `${unlike}; name those that you mean in calculator.files` }] };
  }
  if (chosen.length === 0) {
    const message = `${folder} holds no pseudopotential in UPF that is the only one of its element: name some in calculator.files`;
    return { problems: [{ message }] };
  }
  return { sha256: Object.fromEntries(chosen.map(({ element, sha256 }) => [element, sha256])) };
}

function fileProblem(
  file: PseudopotentialFile | undefined,
  { element, name, folder }: { element: string; name: string; folder: string },
): string {
  if (file !== undefined)
    return `${name} is a pseudopotential of ${file.element}, not of ${element}: name another file`;
  return `${folder} holds no pseudopotential ${name} in UPF: correct the name, or put the file there`;
}
