import { afterEach, describe, expect, it } from 'vitest';
import { type CampaignLoops, createCampaignLoops } from '../../../services/acquisition/campaign-loops.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { AppError } from '../../../src/model/app-error.ts';
import { eventually } from '../../support/eventually.ts';

let loops: CampaignLoops;
afterEach(() => loops.stop());

/** One campaign whose steps fail in turn with these errors, and then have nothing to do. */
function campaignThatFails(...errors: readonly Error[]) {
  const left = [...errors];
  const parked: unknown[] = [];
  let steps = 0;
  loops = createCampaignLoops({
    clock: systemClock,
    waitMsMax: 1,
    names: () => ['steel'],
    isAtWork: () => left.length > 0,
    async step() {
      steps++;
      throw left.shift()!;
    },
    park: async (_, error) => void parked.push(error),
  });
  loops.wake();
  return { parked, steps: () => steps };
}

describe('the loop of a campaign', () => {
  it('tries again after an error that passes, and parks the campaign for one that lasts', async () => {
    const lasting = new AppError('invalid_argument', 'no such preset');
    const { parked, steps } = campaignThatFails(new AppError('unavailable', 'away', { retryable: true }), lasting);
    await eventually(() => steps() === 2 && parked.length === 1);
    expect(parked).toEqual([lasting]);
  });

  it.each(['closed', 'interrupted'] as const)('ends the service, and parks nothing, where it is %s', async (code) => {
    const ended = new AppError(code, 'the event log is closed');
    const { parked } = campaignThatFails(ended);
    await expect(loops.failed).rejects.toBe(ended);
    expect(parked).toEqual([]);
  });
});
