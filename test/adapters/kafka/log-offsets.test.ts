import type { Cluster } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { createLogOffsets } from '../../../src/adapters/kafka/log-offsets.ts';
import type { Timing } from '../../../src/adapters/kafka/timing.ts';
import type { TopicCatalogue } from '../../../src/adapters/kafka/topic-catalogue.ts';

type Found = readonly { readonly partition: number; readonly offset: string }[];

const PARTITIONS = 3;
const WHOLE: Found = [2, 0, 1].map((partition) => ({ partition, offset: String(10 * partition) }));

/** Offsets of a topic of three partitions, from brokers that give these answers, the last one again and again. */
function offsetsOf(answers: readonly Found[]) {
  let asked = 0;
  let refreshed = 0;
  let nowMs = 0;
  const answer = () => answers[Math.min(asked++, answers.length - 1)]!;
  const cluster = {
    addMultipleTargetTopics: async () => {},
    refreshMetadata: async () => void refreshed++,
    // kafkajs leaves out a topic that its metadata does not hold.
    fetchTopicsOffset: async () =>
      [{ topic: 'labels', partitions: answer() }].filter((one) => one.partitions.length > 0),
    findGroupCoordinator: async () => ({
      offsetFetch: async () => ({ responses: [{ topic: 'labels', partitions: answer() }] }),
    }),
  } as unknown as Cluster;
  const timing: Timing = {
    now: () => nowMs,
    // The brokers answer at once, so the time limit of an answer never comes.
    sleep(ms) {
      if (ms > 10_000) return new Promise(() => {});
      nowMs += ms;
      return Promise.resolve();
    },
  };
  const catalogue = { partitionsOf: async () => PARTITIONS } as unknown as TopicCatalogue;
  return { offsets: createLogOffsets(cluster, catalogue, timing), refreshed: () => refreshed };
}

describe('the offsets of a log', () => {
  const lacking: [string, Found][] = [
    ['no partition', []],
    ['not all partitions', WHOLE.slice(1)],
  ];

  it.each(lacking)('are asked for again after an answer with %s, and never taken for 0', async (_, answer) => {
    const { offsets, refreshed } = offsetsOf([answer, WHOLE]);
    expect(await offsets.ends('labels')).toEqual([0, 10, 20]);
    expect(refreshed()).toBe(1);
  });

  it.each(lacking)('of a group are asked for again after an answer with %s', async (_, answer) => {
    const { offsets } = offsetsOf([answer, WHOLE]);
    expect(await offsets.committed('shards', 'labels')).toEqual([0, 10, 20]);
  });

  it('are 0 where a group has committed none', async () => {
    const { offsets } = offsetsOf([WHOLE.map(({ partition }) => ({ partition, offset: '-1' }))]);
    expect(await offsets.committed('shards', 'labels')).toEqual([0, 0, 0]);
  });

  it('fail, retryable, where brokers never tell all of them', async () => {
    const { offsets } = offsetsOf([WHOLE.slice(1)]);
    await expect(offsets.ends('labels')).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      message: expect.stringContaining('labels partition 2'),
    });
  });
});
