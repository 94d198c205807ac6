import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forwardCampaigns } from '../../../services/gateway/forwarded-campaigns.ts';
import { roundOf } from '../../../src/learning/campaign/campaign-state.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { Campaigns } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { type AcquisitionPlace, CAMPAIGN_FILE, openAcquisitionPlace } from '../../support/acquisition-nodes.ts';
import { DATA } from '../../support/catalogues.ts';
import { eventually } from '../../support/eventually.ts';

const CAMPAIGN = { campaign: 'steel' };
const CREATE = { campaignJson: JSON.stringify(CAMPAIGN_FILE), sources: [DATA] };
const gone = new AppError('unavailable', 'connection refused', { retryable: true });
/** Whose process has died: every call of it. */
const DEAD = new Proxy({} as Campaigns, {
  get: (_, name) =>
    name === 'WatchCampaign'
      ? async function* () {
          yield await Promise.reject(gone);
        }
      : () => Promise.reject(gone),
});

let place: AcquisitionPlace;
beforeEach(async () => {
  place = await openAcquisitionPlace();
});
afterEach(() => place.close());

/** Two nodes, the second of which writes the campaign. */
async function running() {
  const writing = await place.start('w2');
  await writing.calls.CreateCampaign(CREATE);
  await eventually(() => roundOf(writing.acquisition.state('steel'), 1).opened !== undefined);
  const idle = await place.start('w1');
  return { idle, writing };
}

describe('campaigns behind the gateway', () => {
  it('are asked of the node that writes them, past those that cannot answer', async () => {
    const { idle, writing } = await running();
    const campaigns = forwardCampaigns(async () => [DEAD, idle.calls, writing.calls]);
    await campaigns.PauseCampaign(CAMPAIGN);
    expect(writing.acquisition.state('steel').paused).toBe(true);
    await campaigns.ResumeCampaign(CAMPAIGN);
    expect(await campaigns.CreateCampaign(CREATE)).toMatchObject(CAMPAIGN);
    await campaigns.CancelCampaign(CAMPAIGN);
    expect(writing.acquisition.state('steel').stopped).toBe('cancelled');
  });

  it('tell at once what another node would say as well', async () => {
    const { idle } = await running();
    let asked = 0;
    const second = new Proxy(DEAD, { get: () => () => Promise.reject(asked++) });
    const campaigns = forwardCampaigns(async () => [idle.calls, second]);
    const refused = { code: 'invalid_argument', message: expect.stringContaining('there are steel') };
    await expect(campaigns.PauseCampaign({ campaign: 'none' })).rejects.toMatchObject(refused);
    expect(asked).toBe(0);
  });

  it('are out of reach where no node answers', async () => {
    await expect(forwardCampaigns(async () => [DEAD]).PauseCampaign(CAMPAIGN)).rejects.toBe(gone);
    const none = forwardCampaigns(async () => []);
    const refused = { code: 'unavailable', retryable: true };
    await expect(none.PauseCampaign(CAMPAIGN)).rejects.toMatchObject(refused);
    const watching = none.WatchCampaign(CAMPAIGN)[Symbol.asyncIterator]();
    await expect(watching.next()).rejects.toMatchObject(refused);
  });

  it('are watched on at another node where one dies in mid-stream', async () => {
    const { idle, writing } = await running();
    const campaigns = forwardCampaigns(async () => [DEAD, idle.calls, writing.calls]);
    const watching = campaigns.WatchCampaign(CAMPAIGN)[Symbol.asyncIterator]();
    await watching.next();
    const next = watching.next();
    await idle.acquisition.stop();
    expect((await next).value).toMatchObject({ campaign: 'steel', paused: false });
    await writing.calls.PauseCampaign(CAMPAIGN);
    expect((await watching.next()).value).toMatchObject({ paused: true });
    const pending = watching.next();
    await watching.return!();
    expect((await pending).done).toBe(true);
  });
});
