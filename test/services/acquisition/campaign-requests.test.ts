import { describe, expect, it } from 'vitest';
import { createCampaignRequests } from '../../../services/acquisition/campaign-requests.ts';
import { type CampaignState, initialState } from '../../../src/learning/campaign/campaign-state.ts';
import { AppError } from '../../../src/model/app-error.ts';

function open() {
  let state: CampaignState = initialState();
  const requests = createCampaignRequests(() => state);
  const done: string[] = [];
  return {
    requests,
    done,
    ask(command: 'PauseCampaign' | 'ResumeCampaign' | 'CancelCampaign') {
      const asked = requests.ask('c', { type: command });
      const note = (what: string) => done.push(`${command} ${what}`);
      return asked.then(
        () => note('done'),
        (error: AppError) => note(error.code),
      );
    },
    async becomes(change: Partial<CampaignState>) {
      state = { ...state, ...change };
      requests.settle();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

describe('requests of a campaign', () => {
  it('are done one after the other, so that a pause is seen though it is taken back', async () => {
    const { requests, ask, becomes, done } = open();
    const asked = [ask('PauseCampaign'), ask('ResumeCampaign')];
    expect(requests.next('c')?.type).toBe('PauseCampaign');
    await becomes({});
    expect(done).toEqual([]);
    await becomes({ paused: true });
    expect([done, requests.next('c')?.type]).toEqual([['PauseCampaign done'], 'ResumeCampaign']);
    await becomes({ paused: false });
    await Promise.all(asked);
    expect([done, requests.next('c')?.type]).toEqual([['PauseCampaign done', 'ResumeCampaign done'], undefined]);
  });

  it('are done at once where the state shows them already, and refused where it cannot come to show them', async () => {
    const { ask, becomes, done } = open();
    await ask('ResumeCampaign');
    const pausing = ask('PauseCampaign');
    const cancelling = ask('CancelCampaign');
    await becomes({ stopped: 'cancelled' });
    await Promise.all([pausing, cancelling, ask('CancelCampaign'), ask('ResumeCampaign')]);
    expect(done.toSorted()).toEqual(
      [
        'ResumeCampaign done',
        'PauseCampaign invalid_argument',
        ...['CancelCampaign done', 'CancelCampaign done', 'ResumeCampaign invalid_argument'],
      ].toSorted(),
    );
  });

  it('are given up together', async () => {
    const { requests, ask, done } = open();
    const asked = [ask('PauseCampaign'), ask('CancelCampaign')];
    requests.refuse(new AppError('unavailable', 'elsewhere'), 'other');
    expect(requests.next('c')?.type).toBe('PauseCampaign');
    requests.refuse(new AppError('unavailable', 'elsewhere'));
    await Promise.all(asked);
    expect(done).toEqual(['PauseCampaign unavailable', 'CancelCampaign unavailable']);
    expect(requests.next('c')).toBeUndefined();
  });
});
