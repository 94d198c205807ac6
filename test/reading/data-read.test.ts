import { describe, expect, it } from 'vitest';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { readDataRead } from '../../src/reading/data-read.ts';
import { dataReadText } from '../../src/text/status-text.ts';

const topics = Object.values(TOPICS);

function logOf(ends: Readonly<Record<string, readonly number[]>>, pid?: number) {
  return {
    topics: async () => topics.filter(({ name }) => name in ends),
    endOffsets: async (topic: string) => [...ends[topic]!],
    runner: () => (pid === undefined ? undefined : { pid }),
  };
}

describe('status before a campaign has begun', () => {
  const half = {
    [TOPICS.materials.name]: [700, 500],
    [TOPICS.labels.name]: [1000],
    [TOPICS.features.name]: [300, 50],
    [TOPICS.rejections.name]: [2],
  };

  it('says how far a run has read its data', async () => {
    expect(dataReadText(await readDataRead(logOf(half, 17)))).toBe(
      [
        'no campaign has begun here yet: process 17 is reading its data',
        '  materials     1,200 read, 350 of them featurized',
        '  labels        1,000',
        '  rejected      2',
        '',
      ].join('\n'),
    );
  });

  it('says that nobody reads on where the process has ended', async () => {
    expect(dataReadText(await readDataRead(logOf(half)))).toContain("\n  interrupted   'elastream run' with its file");
  });

  it('says nothing more of a log that is only just being laid out', async () => {
    expect(dataReadText(await readDataRead(logOf({})))).toBe('no campaign has begun here yet\n');
  });
});
