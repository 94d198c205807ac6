import { loadLightGbm } from '../../adapters/lightgbm/native.ts';
import { provideLightGbmLibrary } from '../../adapters/lightgbm/provide-library.ts';
import { AppError } from '../../model/app-error.ts';
import type { Finding } from './finding.ts';

/** Whether LightGBM's library is there and loads; what its loader misses, such as libgomp, is in the message. */
export async function checkLightGbm(): Promise<Finding> {
  try {
    const { path, sha256 } = await provideLightGbmLibrary();
    loadLightGbm(path);
    return { part: 'LightGBM', state: 'ok', message: `${path} (SHA-256 ${sha256.slice(0, 12)})` };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { part: 'LightGBM', state: 'missing', message: error.message };
  }
}
