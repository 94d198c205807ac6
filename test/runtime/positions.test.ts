import { describe, expect, it } from 'vitest';
import { createPositions } from '../../src/runtime/positions.ts';

/** What has become of a promise once all that is ready has run. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  const settled = promise.then(
    () => 'reached',
    (error) => error.code,
  );
  await new Promise((resolve) => setImmediate(resolve));
  return Promise.race([settled, 'waiting']);
}

describe('positions', () => {
  it('are reached when every partition is', async () => {
    const positions = createPositions(2, 0);
    const reached = positions.reached([3, 1]);
    positions.set(0, 3);
    expect(await stateOf(reached)).toBe('waiting');
    positions.set(1, 2);
    expect(await stateOf(reached)).toBe('reached');
    expect(await stateOf(positions.reached([3, 2]))).toBe('reached');
    expect(await stateOf(positions.reached([]))).toBe('reached');
  });

  it('can be waited for in some partitions only; where nothing is wanted of one, its beginning will do', async () => {
    const positions = createPositions(3, -1);
    positions.set(1, 0);
    expect(await stateOf(positions.reached([7], [1]))).toBe('reached');
    expect(await stateOf(positions.reached([7, 1], [1]))).toBe('waiting');
  });

  it('are not waited for in a partition that is not read here, nor after it has gone elsewhere', async () => {
    const positions = createPositions(2, -1);
    expect(await stateOf(positions.reached([1, 1], [0]))).toBe('unavailable');
    positions.set(0, 0);
    const reached = positions.reached([1, 1], [0]);
    expect(await stateOf(reached)).toBe('waiting');
    positions.set(0, -1);
    expect(await stateOf(reached)).toBe('unavailable');
  });

  it('end every wait when they are closed, also one that begins later', async () => {
    const positions = createPositions(1, 0);
    const before = positions.reached([1]);
    positions.close();
    expect(await stateOf(before)).toBe('interrupted');
    expect(await stateOf(positions.reached([1]))).toBe('interrupted');
    expect(await stateOf(positions.reached([0]))).toBe('reached');
  });
});
