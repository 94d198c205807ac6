import { afterEach, describe, expect, it } from 'vitest';
import { createWorkerFeaturizer } from '../../../src/adapters/worker-threads/featurizer.ts';
import type { Material } from '../../../src/model/material.ts';
import { parseMaterialId } from '../../../src/model/material-id.ts';
import type { Featurizer } from '../../../src/ports/featurizer.ts';
import { describeFeaturizer } from '../../contract/featurizer.contract.ts';
import { featurizeWorker } from '../../support/built-modules.ts';
import { CRYSTALS } from '../../support/crystals.ts';
import { moduleUrl } from '../../support/worker-scripts.ts';

describeFeaturizer('in worker threads', (workers) => createWorkerFeaturizer({ script: featurizeWorker(), workers }));

const { structure } = Object.values(CRYSTALS)[0]!;
const named = (name: string): Material => ({ id: parseMaterialId(name), structure });

/** A worker that is lost at some materials, for ever or once, and lets others take their time. */
const script = moduleUrl(`
  import { parentPort, workerData } from 'node:worker_threads';
  import { existsSync } from 'node:fs';
  parentPort.on('message', ({ id }) => {
    if (id.startsWith('deadly')) throw new Error('heap of ' + id);
    const end = performance.now() + (id.startsWith('slow') ? 1000 : 0);
    while (performance.now() < end);
    parentPort.postMessage({ vector: Float64Array.of(id.length) });
  });
  parentPort.postMessage('ready');`);

describe('createWorkerFeaturizer', () => {
  let featurizer: Featurizer | undefined;
  afterEach(() => featurizer?.close());

  it('refuses a material that costs two workers, and featurizes its neighbours (3)', async () => {
    featurizer = createWorkerFeaturizer({ script, workers: 2 });
    const names = Array.from({ length: 60 }, (_, i) => (i % 20 === 9 ? `deadly-${i}` : `harmless-${i}`));
    const outcomes = await Promise.all(names.map((name) => featurizer!.featurize(named(name))));
    for (const [i, outcome] of outcomes.entries()) {
      if (i % 20 !== 9) expect(outcome).toEqual({ vector: Float64Array.of(names[i]!.length) });
      else {
        const message = expect.stringMatching(new RegExp(`2 times .*heap of deadly-${i}.*report`));
        expect(outcome).toEqual({ refusal: { code: 'featurization_failed', message } });
      }
    }
  });

  it('leaves its caller free while a structure takes its time (1)', async () => {
    featurizer = createWorkerFeaturizer({ script, workers: 1 });
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 10);
    await featurizer.featurize(named('slow'));
    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(20);
  });

  it('fails, so that it may be asked again, where its worker is not there', async () => {
    featurizer = createWorkerFeaturizer({ script: new URL('file:///nowhere/featurize-worker.js'), workers: 1 });
    const failing = featurizer.featurize(named('any'));
    await expect(failing).rejects.toMatchObject({ code: 'internal', retryable: true });
  });
});
