import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { assertUsable, type CalculationRun } from '../../../model/calculation-run.ts';
import { RejectedInput } from '../../../model/rejection.ts';
import { formatOfName } from './file-format.ts';
import { openInputs } from './open-inputs.ts';

/**
 * Reads a file that holds the output of a DFT code, perhaps compressed; undefined if it holds anything else.
 * @throws RejectedInput if the run did not end or converge, or is damaged
 */
export async function readRunFile(path: string): Promise<CalculationRun | undefined> {
  // A pipe can be read once only, and a folder holds many files.
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile()) return undefined;
  for await (const unit of openInputs([path])) {
    if (unit.kind === 'run') {
      assertUsable(unit.run);
      return unit.run;
    }
    if (unit.kind === 'rejection' && formatOfName(basename(path)) === 'outcar') {
      const { code, message, locator } = unit.rejection;
      throw new RejectedInput(code, locator === undefined ? message : `${locator}: ${message}`);
    }
    return undefined;
  }
  return undefined;
}
