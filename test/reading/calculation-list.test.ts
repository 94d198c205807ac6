import { describe, expect, it } from 'vitest';
import { contentHash } from '../../src/model/content-hash.ts';
import type { CalculationRequested, ServiceEvent } from '../../src/model/events.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { createTopics } from '../../src/model/topics.ts';
import { createCalculationList } from '../../src/reading/calculation-list.ts';

const id = contentHash('calculation', [1]);
const of = { calculationId: id, materialId: parseMaterialId('m') };
const requested: CalculationRequested = {
  type: 'CalculationRequested',
  ...of,
  materialHash: contentHash('material', [1]),
  recipe: '{}',
  attemptsMax: 3,
  labelSet: 'campaign:c',
  parkings: 0,
};
const failed = (attempt: number) =>
  ({
    type: 'CalculationAttemptFailed',
    ...of,
    attempt,
    reason: `why ${attempt}`,
    retry: 'more_time',
    coreSeconds: 60,
  }) as const;

function listed(...events: ServiceEvent[]) {
  const list = createCalculationList(createTopics({ featureSchema: 's' }));
  events.forEach((event, i) => {
    list.take({ event, time: `2026-01-01T00:00:0${i}Z` } as never);
  });
  return list.all();
}

describe('the list of calculations', () => {
  it('counts attempts and what they used, and keeps why they failed', () => {
    expect(listed(requested, failed(1), failed(1), failed(2))).toEqual([
      expect.objectContaining({
        ...{ state: 'open', attempt: 3, attemptsMax: 3, coreSeconds: 120, labelSets: ['campaign:c'] },
        failures: [1, 2].map((attempt) => ({ attempt, reason: `why ${attempt}`, retry: 'more_time' })),
      }),
    ]);
  });

  it('shows each end with its reason; a later request opens what was halted', () => {
    const halted = { type: 'CalculationHalted', ...of, parkings: 0, reason: 'no sbatch' } as const;
    const abandoned = { type: 'CalculationAbandoned', ...of, attempts: 1, reason: 'why 1' } as const;
    expect(listed(requested, halted)[0]).toMatchObject({ state: 'halted', reason: 'no sbatch', attempt: 1 });
    expect(listed(requested, halted, { ...requested, parkings: 1 })[0]).toMatchObject({ state: 'open' });
    expect(listed(requested, failed(1), abandoned)[0]).toMatchObject({
      state: 'abandoned',
      reason: 'why 1',
      attempt: 1,
    });
  });
});
