import { describe, expect, it } from 'vitest';
import { createTopics } from '../../src/model/topics.ts';
import { logTopics, loopSchema, schemaFor } from '../../src/runtime/log-topics.ts';

const holding = (featureSchema?: string) => ({
  topics: async () => (featureSchema === undefined ? [] : Object.values(createTopics({ featureSchema }))),
});

describe('the feature schema of a log', () => {
  it('is that of the features topic that it holds, whatever is wanted', async () => {
    const old = await logTopics(holding('elastream-281-v1'), schemaFor('paper+g'));
    expect([loopSchema(old), old.features.name]).toEqual([
      'elastream-281-v1',
      'elastream.features.elastream-281-v1.v1',
    ]);
    expect(loopSchema(await logTopics(holding('elastream-358-v1'), schemaFor('paper')))).toBe('elastream-358-v1');
  });

  it('is that which the first campaign wants where there is none', async () => {
    expect(loopSchema(await logTopics(holding(), schemaFor('paper+g')))).toBe('elastream-358-v1');
    expect(loopSchema(await logTopics(holding(), schemaFor('all')))).toBe('elastream-281-v1');
    expect(loopSchema(await logTopics(holding()))).toBe('elastream-281-v1');
  });
});
