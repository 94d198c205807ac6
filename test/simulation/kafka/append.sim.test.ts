import { describe, expect, it } from 'vitest';
import { createEventProducer } from '../../../src/adapters/kafka/producer.ts';
import { drawAppendPlan, runAppends } from '../../support/simulation/kafka/append-run.ts';

const SEEDS = 40;

describe(`appends to Kafka in all weathers, seeds 1 to ${SEEDS}`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    it(`lose, double and reorder nothing: seed ${seed}`, async () => {
      expect(await runAppends(drawAppendPlan(seed), createEventProducer)).toEqual([]);
    });
  }
});
