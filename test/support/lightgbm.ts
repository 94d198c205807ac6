import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inject } from 'vitest';
import { bindLibrary } from '../../src/adapters/lightgbm/bindings.ts';
import { provideLightGbmLibrary } from '../../src/adapters/lightgbm/provide-library.ts';
import type { BoosterSettings } from '../../src/ports/regressor.ts';
import { createSeededRandom } from './simulation/seeded-random.ts';

const notHere = async () => {
  throw new Error('tests do not download');
};

/** LightGBM's library, if this machine already has it; otherwise the tests that need it are skipped. */
export const library = await provideLightGbmLibrary({ download: notHere }).catch(() => undefined);
export const MISSING_LIBRARY =
  library === undefined ? "LightGBM's library is not there: 'elastream doctor' fetches it" : undefined;

/** The compiled train-worker, because Node 20 runs no TypeScript in a worker thread. */
export function workerScript(): URL {
  return pathToFileURL(join(dirname(inject('cliMain')), '..', 'adapters', 'lightgbm', 'train-worker.js'));
}

export const SETTINGS: BoosterSettings = {
  trees: 20,
  leavesMax: 31,
  learningRate: 0.1,
  featureFraction: 1,
  rowsPerLeafMin: 20,
};
export const BINNING = { binsMax: 255, rowsPerBinMin: 3 };

/** Like real features: gaps, whole numbers, many zeros, a constant column, an empty column, tiny values. */
export function syntheticData(rows: number, columns: number, seed: number) {
  const random = createSeededRandom(seed).uniform;
  const values = new Float64Array(rows * columns);
  const targets = new Float64Array(rows);
  const kinds: (() => number)[] = [
    () => random() * 100 - 50,
    () => (random() < 0.3 ? Number.NaN : random()),
    () => Math.floor(random() * 5),
    () => (random() < 0.7 ? 0 : random() - 0.5),
    () => 7,
    () => Number.NaN,
    () => (random() - 0.5) * 1e-34,
  ];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) values[row * columns + column] = kinds[column % kinds.length]!();
    const at = (column: number) => values[row * columns + column]! || 0;
    targets[row] = at(0) + 30 * at(1) + 10 * at(2) * at(3) + (at(6) > 0 ? 5 : 0) + random();
  }
  return { matrix: { rows, columns, values }, targets };
}

/** Reads a model's text with the C library itself, as a reference. */
export function openReference(modelText: string) {
  const c = bindLibrary(library!.path, {
    LGBM_BoosterLoadModelFromString: ['int', ['const char *', '_Out_ int *', '_Out_ void **']],
    LGBM_BoosterFree: ['int', ['void *']],
    LGBM_BoosterFeatureImportance: ['int', ['void *', 'int', 'int', 'double *']],
    LGBM_BoosterPredictForMat: [
      'int',
      [
        ...['void *', 'void *', 'int', 'int32_t', 'int32_t', 'int', 'int', 'int', 'int', 'const char *'],
        ...['_Out_ int64_t *', 'double *'],
      ],
    ],
  });
  const out: [bigint | null] = [null];
  const must = (code: unknown) => {
    if (code !== 0) throw new Error('the C library refused');
  };
  must(c.LGBM_BoosterLoadModelFromString(modelText, [0], out));
  return {
    predict(values: Float64Array, rows: number, columns: number) {
      const result = new Float64Array(rows);
      must(c.LGBM_BoosterPredictForMat(out[0], values, 1, rows, columns, 1, 0, 0, -1, 'num_threads=1', [0], result));
      return result;
    },
    importance(type: 0 | 1, columns: number) {
      const result = new Float64Array(columns);
      must(c.LGBM_BoosterFeatureImportance(out[0], -1, type, result));
      return result;
    },
    free: () => must(c.LGBM_BoosterFree(out[0])),
  };
}
