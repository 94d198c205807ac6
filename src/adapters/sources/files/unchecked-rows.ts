import type { InputOptions } from '../../../formats/input-unit.ts';
import type { Structure } from '../../../model/structure.ts';
import { MODULI, type Modulus, type TargetValues } from '../../../model/target.ts';
import { materialsOf } from './materials-of.ts';
import { openInputs } from './open-inputs.ts';

/** A structure, and the numbers that stand as its moduli, whatever their unit. */
export interface UncheckedRow {
  readonly structure: Structure;
  readonly values: TargetValues;
}

/** The rows of files as they stand, to look at before they are taken. What cannot be read is passed over. */
export async function* uncheckedRows(
  paths: readonly string[],
  options: Pick<InputOptions, 'table'>,
): AsyncGenerator<UncheckedRow, void, void> {
  for await (const unit of openInputs(paths, options)) {
    for (const item of materialsOf(unit)) {
      if (item.kind === 'rejection') continue;
      const values: Partial<Record<Modulus, number>> = {};
      for (const target of MODULI) {
        const value = item.json?.[target];
        if (typeof value === 'number') values[target] = value;
      }
      yield { structure: item.material.structure, values };
    }
  }
}
