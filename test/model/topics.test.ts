import { expect, it } from 'vitest';
import { createTopics } from '../../src/model/topics.ts';

it('has the topics and partitions of the design', () => {
  const topics = createTopics({ featureSchema: 'elastream-281-v1' });
  expect(Object.fromEntries(Object.values(topics).map(({ name, partitions }) => [name, partitions]))).toEqual({
    'elastream.materials.v1': 64,
    'elastream.labels.v1': 64,
    'elastream.features.elastream-281-v1.v1': 64,
    'elastream.examples.v1': 64,
    'elastream.calculations.v1': 64,
    'elastream.results.v1': 64,
    'elastream.training.v1': 64,
    'elastream.members.v1': 64,
    'elastream.campaigns.v1': 16,
    'elastream.rejections.v1': 16,
  });
  expect(createTopics({ featureSchema: 'x', materialPartitions: 8, campaignPartitions: 2 }).training.partitions).toBe(
    8,
  );
});

it('refuses a schema that cannot name a topic', () => {
  expect(() => createTopics({ featureSchema: 'a/b' })).toThrowError(/cannot name a topic/);
});
