import { expect, it } from 'vitest';
import {
  createPredictionKeeping,
  type PredictionKeepingParts,
} from '../../../services/training-shard/prediction-keeping.ts';

/** Only what a queue of its own needs: nothing is asked of campaigns before `restore`. */
function keepingThatTells(failures: string[]) {
  return createPredictionKeeping({
    ports: {},
    onFailure: (error: unknown) => failures.push((error as Error).message),
  } as unknown as PredictionKeepingParts);
}

const SOME = { snapshotHash: 'h1:a', partitions: [0] };

it('tells what could not be stored', async () => {
  const failures: string[] = [];
  const keeping = keepingThatTells(failures);
  keeping.storage.store(SOME, async () => Promise.reject(new Error('connect ENOENT x.sock')));
  await keeping.idle();
  expect(failures).toEqual(['connect ENOENT x.sock']);
});

it('does not tell what is still queued when it is stopped: the next start finds it lacking', async () => {
  const failures: string[] = [];
  const keeping = keepingThatTells(failures);
  let fail = (_: Error) => {};
  keeping.storage.store(SOME, () => new Promise((_, reject) => (fail = reject)));
  await keeping.stop();
  fail(new Error('connect ENOENT x.sock'));
  await keeping.idle();
  expect(failures).toEqual([]);
  expect(keeping.storage.isQueued('h1:a', 0)).toBe(false);
});
