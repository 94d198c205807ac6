import { afterEach, describe, expect, it, vi } from 'vitest';
import { evolve, initialState } from '../../../src/learning/campaign/campaign-state.ts';
import { acquiredLabels, currentRound } from '../../../src/learning/campaign/campaign-step.ts';
import { longCampaign } from '../../support/long-campaign.ts';

afterEach(() => vi.restoreAllMocks());

/** How many entries of maps and sets are written on the way to the state. */
function writesOf(length: { rounds: number; batch: number }): number {
  const events = [...longCampaign(length)];
  const writes = [vi.spyOn(Map.prototype, 'set'), vi.spyOn(Set.prototype, 'add')];
  let state = initialState();
  for (const event of events) state = evolve(state, event);
  const written = writes.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  vi.restoreAllMocks();
  expect(currentRound(state)).toBe(length.rounds);
  expect(acquiredLabels(state)).toBe(length.rounds * Math.floor((2 * length.batch) / 3));
  return written;
}

describe('a replay', () => {
  it('costs each event the same, however many rounds and calculations there are', () => {
    const writes = writesOf({ rounds: 10, batch: 9 });
    expect(writesOf({ rounds: 40, batch: 9 })).toBeLessThan(4.2 * writes);
    expect(writesOf({ rounds: 10, batch: 36 })).toBeLessThan(4.2 * writes);
  });
});
