import { systemClock } from '../../adapters/in-process/system-clock.ts';
import { openMaterialsProject } from '../../adapters/sources/paged/materials-project.ts';
import { openOptimade } from '../../adapters/sources/paged/optimade.ts';
import { moduliOfTensor } from '../../learning/data/tensor-moduli.ts';
import type { MaterialSource } from '../../ports/material-source.ts';

const PROJECT = 'mp:';
const OPTIMADE = 'optimade:';

/** Whether a source is asked over the network. */
export function isNamedSource(name: string): boolean {
  return name.startsWith(PROJECT) || name.startsWith(OPTIMADE);
}

/** @throws AppError `invalid_argument` */
export function openNamedSource(name: string, environment: NodeJS.ProcessEnv): MaterialSource {
  const parts = { clock: systemClock, moduliOf: moduliOfTensor };
  if (name.startsWith(OPTIMADE)) return openOptimade(name.slice(OPTIMADE.length), parts);
  const { MP_API_KEY: apiKey, MP_API_ENDPOINT: endpoint } = environment;
  return openMaterialsProject(name.slice(PROJECT.length), { ...parts, apiKey, endpoint });
}
