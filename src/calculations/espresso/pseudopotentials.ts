import { elementSymbol } from '../../model/element-symbols.ts';
import type { PseudopotentialFile } from '../../model/pseudopotential-file.ts';
import type { EspressoRecipe } from '../../model/recipe.ts';
import type { Structure } from '../../model/structure.ts';

/** What a material's runs use, by element. */
export type ChosenPseudopotentials = Readonly<Record<string, PseudopotentialFile>>;

/** The files that the recipe names by their content, for the elements of a structure; or why there are none. */
export function chosenPseudopotentials(
  { atomicNumbers }: Structure,
  recipe: EspressoRecipe,
  { pseudopotentials, folder }: { pseudopotentials: readonly PseudopotentialFile[]; folder: string },
): ChosenPseudopotentials | string {
  const chosen: Record<string, PseudopotentialFile> = {};
  for (const z of new Set(atomicNumbers)) {
    const element = elementSymbol(z);
    const sha256 = recipe.pseudopotentials[element];
    if (sha256 === undefined) {
      return `there is no pseudopotential for ${element}: add one to ${folder}, name one of several in calculator.files, or leave out candidates that hold it`;
    }
    const file = pseudopotentials.find((one) => one.sha256 === sha256 && one.element === element);
    if (file === undefined) {
      return `${folder} holds no pseudopotential for ${element} with SHA-256 ${sha256}, which the campaign began with: put that file back`;
    }
    chosen[element] = file;
  }
  return mixedFunctionals(Object.values(chosen)) ?? chosen;
}

/** Why pseudopotentials do not go together; undefined if they do. */
export function mixedFunctionals(files: readonly PseudopotentialFile[]): string | undefined {
  const [first, ...others] = files;
  const other = others.find(({ functional }) => functional !== first!.functional);
  if (other === undefined) return undefined;
  const both = `${first!.name} is for ${first!.functional} and ${other.name} for ${other.functional}`;
  return `${both}: pseudopotentials of one calculation must be made for one functional`;
}
