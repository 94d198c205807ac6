import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createControlPlane } from '../../../src/adapters/in-process/control-plane.ts';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { roundOf } from '../../../src/learning/campaign/campaign-state.ts';
import type { ControlPlane } from '../../../src/ports/control-plane.ts';
import type { EventLog } from '../../../src/ports/event-log.ts';
import type { Campaigns } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { toLimitFields } from '../../../src/protocol/stop-rule-message.ts';
import {
  type AcquisitionNode,
  type AcquisitionPlace,
  CAMPAIGN_FILE,
  openAcquisitionPlace,
} from '../../support/acquisition-nodes.ts';
import { DATA } from '../../support/catalogues.ts';
import { eventually } from '../../support/eventually.ts';

const CAMPAIGN = { campaign: 'steel' };
const request = (change: object = {}, sources = [DATA]) => ({
  campaignJson: JSON.stringify({ ...CAMPAIGN_FILE, ...change }),
  sources,
});
const refusal = (message: string, code = 'invalid_argument') => ({ code, message: expect.stringContaining(message) });

let place: AcquisitionPlace;
beforeEach(async () => {
  place = await openAcquisitionPlace();
});
afterEach(() => place.close());

/** A node, and its campaign with the first round open. */
async function running(): Promise<AcquisitionNode> {
  const node = await place.start('w1');
  await node.calls.CreateCampaign(request());
  await eventually(() => roundOf(node.acquisition.state('steel'), 1).opened !== undefined);
  return node;
}

describe('creating a campaign', () => {
  it('answers when its stream was read back, tells what is left out, and finds it again', async () => {
    const { acquisition, calls } = await place.start('w1');
    const reply = await calls.CreateCampaign(request());
    expect(acquisition.state('steel').created?.configHash).toBe(reply.configHash);
    expect(reply).toMatchObject({ campaign: 'steel', labelsLeftOut: { negative_modulus: 1 } });
    expect(await calls.CreateCampaign(request({ seed: 1 }))).toEqual(reply);
    expect((await place.stream()).filter((type) => type === 'CampaignCreated')).toHaveLength(1);
  });

  it('is refused with other settings, by another node too', async () => {
    const { calls } = await place.start('w1');
    await calls.CreateCampaign(request());
    await expect(calls.CreateCampaign(request({ seed: 2 }))).rejects.toMatchObject(refusal('other settings'));
    const other = await place.start('w2');
    await expect(other.calls.CreateCampaign(request({ seed: 2 }))).rejects.toMatchObject(refusal('other settings'));
  });

  it('names what is wrong with the settings, and makes nothing', async () => {
    const { calls } = await place.start('w1');
    const bad: [Parameters<Campaigns['CreateCampaign']>[0], string][] = [
      [{ campaignJson: '{', sources: [DATA] }, 'campaign_json is not JSON'],
      [{ campaignJson: '3', sources: [DATA] }, 'is 3, must be a table of keys'],
      [request({ seeds: 2 }), 'seeds: no such key here: did you mean seed?'],
      [request({ acquisition: { batch: 0 } }), 'acquisition.batch: is 0, must be at least 1'],
      [request({}, []), 'sources are 0 where 1 must be'],
      [request({ candidates: { from: 'data', count: 29 } }), 'campaign steel cannot begin'],
    ];
    for (const [asked, message] of bad)
      await expect(calls.CreateCampaign(asked)).rejects.toMatchObject(refusal(message));
    expect(await place.stream()).toEqual([]);
  });

  it('waits for its sources, and says that it is to be asked again where the node stops meanwhile', async () => {
    const { acquisition, calls } = await place.start('w1');
    const creating = expect(calls.CreateCampaign(request({}, ['not yet']))).rejects.toMatchObject({
      ...refusal('this node is stopping', 'unavailable'),
      retryable: true,
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    await acquisition.stop();
    await creating;
  });
});

describe('raising a stop rule', () => {
  const raise = (calls: Campaigns, limits: { labels?: number; rounds?: number }) =>
    calls.RaiseStopRule({ ...CAMPAIGN, ...toLimitFields(limits) });
  const file = (stop: object) => request({ stop });

  it('holds for the campaign from then on, and for those who ask for it again', async () => {
    const { acquisition, calls } = await place.start('w1');
    const { configHash } = await calls.CreateCampaign(file({ labels: 4 }));
    await raise(calls, { labels: 6 });
    await raise(calls, { labels: 6 });
    expect(acquisition.state('steel').raised).toEqual({ labels: 6 });
    expect((await place.stream()).filter((type) => type === 'StopRuleRaised')).toHaveLength(1);
    expect(await calls.CreateCampaign(file({ labels: 6 }))).toMatchObject({ configHash });
    const other = await place.start('w2');
    expect(other.acquisition.state('steel').raised).toEqual({ labels: 6 });
    const begun = refusal('other settings (stop.labels is 6 there and 4 in the file)');
    await expect(calls.CreateCampaign(file({ labels: 4 }))).rejects.toMatchObject(begun);
  });

  it('is refused where a limit would be lowered, is none, or the campaign has been ended', async () => {
    const { calls } = await place.start('w1');
    await calls.CreateCampaign(file({ labels: 4 }));
    const lower = refusal('campaign steel: stop.labels is 4 there and 3 now, and can only be raised: set at least 4');
    await expect(raise(calls, { labels: 3 })).rejects.toMatchObject(lower);
    const added = refusal('stop.rounds is not set there and 9 now, and can only be raised: leave it out');
    await expect(raise(calls, { labels: 5, rounds: 9 })).rejects.toMatchObject(added);
    await expect(raise(calls, { labels: 0 })).rejects.toThrow('labels is 0, must be at least 1');
    await calls.CancelCampaign(CAMPAIGN);
    await expect(raise(calls, { labels: 5 })).rejects.toMatchObject(refusal('steel has stopped (cancelled)'));
  });
});

describe('pausing, resuming and cancelling', () => {
  it('resolve when the stream says so, any number of times', async () => {
    const { acquisition, calls } = await running();
    await calls.PauseCampaign(CAMPAIGN);
    expect(acquisition.state('steel').paused).toBe(true);
    await calls.PauseCampaign(CAMPAIGN);
    await calls.ResumeCampaign(CAMPAIGN);
    expect(acquisition.state('steel').paused).toBe(false);
    await Promise.all([calls.PauseCampaign(CAMPAIGN), calls.ResumeCampaign(CAMPAIGN), calls.CancelCampaign(CAMPAIGN)]);
    expect(acquisition.state('steel').stopped).toBe('cancelled');
    await calls.CancelCampaign(CAMPAIGN);
    await expect(calls.PauseCampaign(CAMPAIGN)).rejects.toMatchObject(refusal('steel has stopped (cancelled)'));
    const paused = ['CampaignPaused', 'CampaignResumed'];
    const opened = ['CampaignCreated', 'EpochClaimed', 'RoundOpened'];
    expect(await place.stream()).toEqual([...opened, ...paused, ...paused, 'CampaignStopped']);
  });

  it('are refused for a campaign that is not there, by the names of those that are', async () => {
    const { calls } = await place.start('w1');
    const asked = { campaign: 'stele' };
    await expect(calls.PauseCampaign(asked)).rejects.toMatchObject(refusal('no campaign "stele": there is none yet'));
    await calls.CreateCampaign(request());
    await expect(calls.CancelCampaign(asked)).rejects.toMatchObject(refusal('there are steel'));
  });

  it('are the business of the node that writes the campaign: another one passes them on', async () => {
    await running();
    const second = await place.start('w2');
    await expect(second.calls.PauseCampaign(CAMPAIGN)).rejects.toMatchObject({
      ...refusal('another node writes campaign steel', 'unavailable'),
      retryable: true,
    });
    expect(await place.stream()).not.toContain('CampaignPaused');
  });

  it('are done by a node that takes over, which claims the epoch first', async () => {
    const first = await running();
    await first.acquisition.stop();
    // The lease of the first has run out.
    const { acquireLease } = createControlPlane(systemClock);
    const second = await place.start('w2', { acquireLease });
    await second.calls.PauseCampaign(CAMPAIGN);
    expect(second.acquisition.state('steel')).toMatchObject({ epoch: 2, writer: 'w2', paused: true });
    expect((await place.stream()).slice(-2)).toEqual(['EpochClaimed', 'CampaignPaused']);
  });

  it('are done at once by a node that takes over from one that stopped well', async () => {
    const first = await running();
    await first.acquisition.stop();
    const second = await place.start('w2');
    await second.calls.PauseCampaign(CAMPAIGN);
    expect(second.acquisition.state('steel')).toMatchObject({ writer: 'w2', paused: true });
  });

  it('are given up where the lease is lost, or the node stops, before they are done', async () => {
    const { acquireLease } = createControlPlane(systemClock);
    let lost = false;
    const control: Pick<ControlPlane, 'acquireLease'> = {
      acquireLease: async (...of) => (lost ? undefined : acquireLease(...of)),
    };
    // Takes the pause, and loses it.
    const { append } = place.ports.log;
    const log: Pick<EventLog, 'append'> = {
      append: async (at, events) => (events[0]!.type.endsWith('Paused') ? [0] : append(at, events)),
    };
    const { acquisition, calls } = await place.start('w1', control, log);
    await calls.CreateCampaign(request());
    const unavailable = (message: string) => refusal(message, 'unavailable');
    const first = expect(calls.PauseCampaign(CAMPAIGN)).rejects.toMatchObject(unavailable('another node writes'));
    await eventually(() => acquisition.state('steel').writer === 'w1');
    lost = true;
    // Any event makes the node look at its campaigns again.
    await calls.CreateCampaign(request({ name: 'other' }));
    await first;
    lost = false;
    const second = expect(calls.PauseCampaign(CAMPAIGN)).rejects.toMatchObject(unavailable('this node is stopping'));
    await new Promise((resolve) => setTimeout(resolve, 10));
    await acquisition.stop();
    await second;
  });
});

describe('watching a campaign', () => {
  it('tells the state now, and each change until it stops', async () => {
    const { calls } = await running();
    const watching = calls.WatchCampaign(CAMPAIGN)[Symbol.asyncIterator]();
    const first = { campaign: 'steel', round: 1, membersTrained: 0, members: 2, calculations: 0, pool: 6 };
    expect((await watching.next()).value).toMatchObject({ ...first, paused: false, stopped: undefined });
    const next = watching.next();
    await calls.PauseCampaign(CAMPAIGN);
    expect((await next).value).toMatchObject({ ...first, paused: true });
    await calls.CancelCampaign(CAMPAIGN);
    expect((await watching.next()).value).toMatchObject({ stopped: 'cancelled' });
    expect((await watching.next()).done).toBe(true);
  });

  it('gives a slow reader the latest alone', async () => {
    const { calls } = await running();
    const watching = calls.WatchCampaign(CAMPAIGN)[Symbol.asyncIterator]();
    await watching.next();
    for (let i = 0; i < 5; i++) {
      await calls.PauseCampaign(CAMPAIGN);
      await calls.ResumeCampaign(CAMPAIGN);
    }
    await calls.PauseCampaign(CAMPAIGN);
    expect((await watching.next()).value).toMatchObject({ paused: true });
    const pending = watching.next();
    await watching.return!();
    expect((await pending).done).toBe(true);
  });

  it('ends with the node, and is refused where there is nothing to watch', async () => {
    const { acquisition, calls } = await running();
    const none = calls.WatchCampaign({ campaign: 'none' })[Symbol.asyncIterator]();
    await expect(none.next()).rejects.toMatchObject(refusal('there are steel'));
    const watching = calls.WatchCampaign(CAMPAIGN)[Symbol.asyncIterator]();
    await watching.next();
    const pending = expect(watching.next()).rejects.toMatchObject(refusal('this node is stopping', 'unavailable'));
    await acquisition.stop();
    await pending;
  });
});
