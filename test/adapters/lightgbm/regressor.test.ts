import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createLightGbmRegressor } from '../../../src/adapters/lightgbm/regressor.ts';
import type { Regressor } from '../../../src/ports/regressor.ts';
import { describeRegressor } from '../../contract/regressor.contract.ts';
import { BINNING, library, MISSING_LIBRARY, SETTINGS, syntheticData, workerScript } from '../../support/lightgbm.ts';
import { describeUnless, itUnless } from '../../support/needs.ts';

describeUnless(MISSING_LIBRARY, 'on this machine', () => {
  describeRegressor('LightGBM in worker threads', (workers) =>
    createLightGbmRegressor({ library: library!, workers, workerScript: workerScript() }),
  );
});

describe('createLightGbmRegressor', () => {
  const { matrix, targets } = syntheticData(100, 7, 1);
  const rows = Int32Array.from({ length: 100 }, (_, row) => row);
  const task = { rows, targets, seed: 1, settings: SETTINGS };
  let regressor: Regressor | undefined;
  afterEach(() => regressor?.close());

  /** A worker that bins, and is lost at the first training. */
  const script = `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ kind }) => {
      if (kind === 'train') setImmediate(() => { throw new Error('out of luck'); });
      else if (kind === 'end') parentPort.close();
      else parentPort.postMessage({ kind: 'done', result: 1n });
    });`)}`;
  const lost = { path: 'nowhere', sha256: '' };

  it('fails the task of a worker that was lost as retryable, and starts another', async () => {
    regressor = createLightGbmRegressor({ library: lost, workers: 1, workerScript: new URL(script) });
    const data = await regressor.bin(matrix, BINNING);
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(data.train(task)).rejects.toMatchObject({
        code: 'internal',
        retryable: true,
        message: expect.stringContaining('out of luck'),
      });
    }
    await data.release();
  });

  itUnless(MISSING_LIBRARY, 'says what is wrong where the library does not load', async () => {
    const path = new URL(import.meta.url).pathname;
    regressor = createLightGbmRegressor({ library: { path, sha256: '' }, workers: 1, workerScript: workerScript() });
    await expect(regressor.bin(matrix, BINNING)).rejects.toMatchObject({
      code: 'dependency_missing',
      message: expect.stringContaining('LIGHTGBM_LIBRARY'),
    });
  });

  it('fails where the worker itself is not there', async () => {
    const nowhere = pathToFileURL('/nowhere/train-worker.js');
    regressor = createLightGbmRegressor({ library: lost, workers: 1, workerScript: nowhere });
    await expect(regressor.bin(matrix, BINNING)).rejects.toMatchObject({ code: 'internal' });
  });

  it('keeps OpenMP from spinning, and refuses to work with no worker', () => {
    expect(() => createLightGbmRegressor({ library: lost, workers: 0 })).toThrow('workers');
    regressor = createLightGbmRegressor({ library: lost, workers: 1 });
    expect(process.env.GOMP_SPINCOUNT).toBe('0');
    expect(process.env.OMP_WAIT_POLICY).toBe('passive');
  });
});
