import { describe, expect, it } from 'vitest';
import { createSharedBins } from '../../../services/training-shard/shared-bins.ts';
import type { BinnedData } from '../../../src/ports/regressor.ts';

function open() {
  const story: string[] = [];
  let made = 0;
  const make = async (): Promise<BinnedData> => {
    const name = `bins ${++made}`;
    story.push(`${name} made`);
    return {
      train: () => Promise.reject(new Error('not asked for')),
      release: async () => void story.push(`${name} freed`),
    };
  };
  return { shared: createSharedBins(), story, make };
}

/** A use that lasts until it is told to end. */
function lasting() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { action: () => ended, end };
}

describe('shared bins', () => {
  it('are made once for all who use them, and kept between two uses', async () => {
    const { shared, story, make } = open();
    await Promise.all([shared.use(make, async () => 1), shared.use(make, async () => 2)]);
    expect(await shared.use(make, async () => 3)).toBe(3);
    expect(story).toEqual(['bins 1 made']);
    await shared.retire();
    expect(story).toEqual(['bins 1 made', 'bins 1 freed']);
  });

  it('are not freed under the hands of who uses them', async () => {
    const { shared, story, make } = open();
    const [one, two] = [lasting(), lasting()];
    const uses = [shared.use(make, one.action), shared.use(make, two.action)];
    await shared.retire();
    one.end();
    await uses[0];
    expect(story).toEqual(['bins 1 made']);
    two.end();
    await uses[1];
    expect(story).toEqual(['bins 1 made', 'bins 1 freed']);
  });

  it('are made and freed anew for who comes after their round is over', async () => {
    const { shared, story, make } = open();
    await shared.retire();
    for (let use = 0; use < 2; use++) await shared.use(make, async () => {});
    expect(story).toEqual(['bins 1 made', 'bins 1 freed', 'bins 2 made', 'bins 2 freed']);
  });

  it('are made anew where they could not be made', async () => {
    const { shared, story, make } = open();
    const error = new Error('the worker was lost');
    await expect(
      shared.use(
        () => Promise.reject(error),
        async () => {},
      ),
    ).rejects.toBe(error);
    await shared.use(make, async () => {});
    expect(story).toEqual(['bins 1 made']);
  });
});
