import { provideLightGbmLibrary } from '../../adapters/lightgbm/provide-library.ts';
import { createLightGbmRegressor } from '../../adapters/lightgbm/regressor.ts';
import { treesHash } from '../../adapters/lightgbm/trees-hash.ts';
import type { Regressor } from '../../ports/regressor.ts';

/** LightGBM, looked for and loaded only when something has to be trained. */
export function createLazyRegressor(workers: number): Regressor {
  let opened: Promise<Regressor> | undefined;
  const open = async () => createLightGbmRegressor({ library: await provideLightGbmLibrary(), workers });
  return {
    engine: 'lightgbm',
    workers,
    treesHash,
    async bin(matrix, settings) {
      opened ??= open();
      return (await opened).bin(matrix, settings);
    },
    async close() {
      const regressor = await opened?.catch(() => undefined);
      await regressor?.close();
    },
  };
}
