import { describe, expect, it } from 'vitest';
import { startAcquisition } from '../../../services/acquisition/acquisition.ts';
import { progressMessage } from '../../../services/acquisition/progress-message.ts';
import { type CampaignCommand, decide } from '../../../src/learning/campaign/campaign-decider.ts';
import { initialState } from '../../../src/learning/campaign/campaign-state.ts';
import { memberModelHash } from '../../../src/learning/ensemble/member-models.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { MemberTrained, TrainMember } from '../../../src/model/events.ts';
import { keyPartition } from '../../../src/model/partitioner.ts';
import type { ControlPlane } from '../../../src/ports/control-plane.ts';
import type { TrainingShard } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { CONFIG, created } from '../../support/campaigns.ts';
import { event } from '../../support/events.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';
import { openServiceWorld, SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

const NO_SHARD: TrainingShard = { Rank: () => Promise.reject(new Error('nobody asks')) as never };
const SOURCES = ['elastic.jsonl'];
const START = { writer: 'w1', featureSchema: 'test', shards: NO_SHARD };

describe('acquisition', () => {
  it('outlives a control plane that is out of reach for a while', async () => {
    const { world, node, ports, run } = openServiceWorld();
    const down = new AppError('unavailable', 'no server answers', { retryable: true });
    let refusals = 3;
    const control: ControlPlane = {
      ...node.controlPlane,
      acquireLease: (...asked) => (refusals-- > 0 ? Promise.reject(down) : node.controlPlane.acquireLease(...asked)),
      publishProgress: () => Promise.reject(down),
    };
    const acquisition = await run(startAcquisition({ ...START, ports, control }));
    await run(acquisition.create('test', CONFIG, SOURCES));
    await world.clock.runUntil(() => acquisition.state('test').writer === 'w1', 60_000);
    expect(refusals).toBeLessThan(0);
    await run(acquisition.stop());
  });

  it('parks nothing, and goes on writing, where a full control plane gives no leases', async () => {
    const { world, ports, run } = openServiceWorld();
    const full = new AppError('storage_unwritable', 'NATS says maximum bytes exceeded (10077); free space');
    let isFull = false;
    const start = (writer: string) => {
      const { controlPlane, log, clock, random } = world.node(writer).ports();
      const acquireLease: ControlPlane['acquireLease'] = (...asked) =>
        isFull ? Promise.reject(full) : controlPlane.acquireLease(...asked);
      const control = { ...controlPlane, acquireLease };
      return run(startAcquisition({ ...START, ports: { ...ports, log, clock, random }, control, writer }));
    };
    const first = await start('first');
    await run(first.create('test', CONFIG, SOURCES));
    await world.clock.runUntil(() => first.state('test').writer === 'first', 60_000);
    isFull = true;
    const second = await start('second');
    await run(first.request('test', { type: 'PauseCampaign' }));
    await world.clock.advance(600_000);
    expect(first.state('test')).toMatchObject({ epoch: 1, writer: 'first', paused: true });
    expect(first.state('test').parked).toBeUndefined();
    for (const node of [first, second]) {
      await expect(Promise.race([node.failed, 'well'])).resolves.toBe('well');
    }
    await expect(run(second.request('test', { type: 'ResumeCampaign' }))).rejects.toMatchObject({
      ...{ code: 'unavailable', retryable: true, message: expect.stringContaining('maximum bytes exceeded') },
    });
    isFull = false;
    await run(first.request('test', { type: 'ResumeCampaign' }));
  });

  it('takes events that come before it has heard that its reader stands', async () => {
    const { world, node, ports, given, run } = openServiceWorld();
    const [event] = decide(initialState(), { ...created(), sources: [] } as CampaignCommand);
    // The log hands out the first batch long before it answers.
    const log: typeof ports.log = {
      ...ports.log,
      async follow(follower) {
        const consumer = await ports.log.follow(follower);
        await given({ event: event!, campaign: 'test' });
        await ports.clock.sleep(10_000);
        return consumer;
      },
    };
    const acquisition = await run(startAcquisition({ ...START, ports: { ...ports, log }, control: node.controlPlane }));
    await expect(Promise.race([acquisition.failed, 'well'])).resolves.toBe('well');
    await world.clock.runUntil(() => acquisition.state('test').rounds.get(1)?.opened !== undefined, 60_000);
  });

  it('leaves a campaign to the writer that holds its lease, and takes it over when the lease has run out', async () => {
    const { world, ports, run } = openServiceWorld();
    const [first, second] = ['first', 'second'].map((name) => world.node(name));
    const start = (node: typeof first, writer: string) => {
      const { controlPlane: control, log, clock, random } = node!.ports();
      return run(startAcquisition({ ...START, ports: { ...ports, log, clock, random }, control, writer }));
    };
    const before = await start(first, 'before');
    await run(before.create('test', CONFIG, SOURCES));
    const after = await start(second, 'after');
    await world.clock.advance(120_000);
    expect(after.state('test')).toMatchObject({ epoch: 1, writer: 'before' });
    first!.crash();
    await world.clock.runUntil(() => after.state('test').writer === 'after', 60_000);
    expect(after.state('test').epoch).toBe(2);
  });

  it('finds a campaign that is there, and refuses it with other settings or data', async () => {
    const { node, ports, run, eventsOf } = openServiceWorld();
    const acquisition = await run(startAcquisition({ ...START, ports, control: node.controlPlane }));
    await run(acquisition.create('test', CONFIG, SOURCES));
    await run(ports.clock.sleep(1000));
    await run(acquisition.create('test', CONFIG, SOURCES));
    const created = eventsOf(SIMULATED_TOPICS.campaigns).filter(({ type }) => type === 'CampaignCreated');
    expect(created).toHaveLength(1);
    const refusal = (what: string) => ({ code: 'invalid_argument', message: expect.stringContaining(what) });
    await expect(acquisition.create('test', { ...CONFIG, seed: 2 }, SOURCES)).rejects.toMatchObject(
      refusal('other settings (seed is 1 there and 2 in the file)'),
    );
    const ensemble = { ...CONFIG.ensemble, booster: { ...CONFIG.ensemble.booster, learningRate: 0.5 } };
    await expect(acquisition.create('test', { ...CONFIG, ensemble }, SOURCES)).rejects.toThrow(
      /ensemble.booster.learning_rate is [0-9.]+ there and 0.5 in the file/,
    );
    await expect(acquisition.create('test', CONFIG, ['other'])).rejects.toMatchObject(refusal('other data files'));
  });

  describe('parks a campaign', () => {
    /** Two campaigns whose first rounds wait for their members, and a node that writes both. */
    async function openTwo(shards: TrainingShard = NO_SHARD) {
      const world = openServiceWorld();
      const { ports, node, run, given } = world;
      const recorded = recordedTelemetry();
      const watched = { ...ports, telemetry: recorded.telemetry };
      const acquisition = await run(startAcquisition({ ...START, shards, ports: watched, control: node.controlPlane }));
      for (const name of ['test', 'second']) {
        const [event] = decide(initialState(), {
          ...created({ name }),
          campaign: name,
          sources: [],
        } as CampaignCommand);
        await given({ event: event!, campaign: name });
      }
      const opened = (name: string) => acquisition.state(name).rounds.get(1)?.opened;
      const until = (holds: () => boolean) => world.world.clock.runUntil(holds, 600_000);
      await until(() => ['test', 'second'].every((name) => opened(name) !== undefined));
      const member = (campaign: string, index: number) => {
        return { campaign, round: 1, snapshotHash: opened(campaign)!.snapshotHash, member: index };
      };
      const goesOn = () => expect(Promise.race([acquisition.failed, 'goes on'])).resolves.toBe('goes on');
      return { ...world, acquisition, until, member, goesOn, ...recorded };
    }
    const trainedAs = (of: Pick<MemberTrained, 'campaign' | 'round' | 'snapshotHash' | 'member'>): MemberTrained => {
      return { type: 'MemberTrained', ...of, modelHash: memberModelHash([]), targets: [], engine: 'e', seconds: 1 };
    };

    it('whose member cannot be trained, says why, and goes on when it is resumed', async () => {
      const { acquisition, until, member, goesOn, given, eventsOf, run, told, ports } = await openTwo();
      const commands = () =>
        eventsOf(SIMULATED_TOPICS.training).filter((event) => 'campaign' in event && event.campaign === 'test');
      const failed = { type: 'MemberFailed', ...member('test', 1), parkings: 0, reason: 'the store is full' } as const;
      await given({ event: failed });
      await until(() => acquisition.state('test').parked !== undefined);
      expect(progressMessage('test', acquisition.state('test')).parked).toBe('the store is full');
      expect(acquisition.state('second').parked).toBeUndefined();
      await goesOn();
      await until(() => commands().length === 2);
      await run(acquisition.request('test', { type: 'ResumeCampaign' }));
      await until(() => commands().length === 4);
      expect(
        commands()
          .map((event) => (event as TrainMember).parkings)
          .sort(),
      ).toEqual([0, 0, 1, 1]);
      // The old failure, delivered again, parks it no more; a new one does.
      await given({ event: failed });
      await run(ports.clock.sleep(60_000));
      expect(acquisition.state('test').parked).toBeUndefined();
      await given({ event: { ...failed, parkings: 1, reason: 'it is full still' } });
      await until(() => acquisition.state('test').parked === 'it is full still');
      expect(told.campaignsParked).toEqual([0, 1, 0, 1].map((parked) => ({ parked })));
      await run(acquisition.stop());
    });

    it('whose step fails for good, and goes on with the others', async () => {
      // biome-ignore lint/correctness/useYield: it fails before
      const Rank: TrainingShard['Rank'] = async function* () {
        throw new Error('nobody asks');
      };
      const { acquisition, until, member, goesOn, given, run, lines } = await openTwo({ Rank });
      await given(...[0, 1].map((index) => ({ event: trainedAs(member('test', index)) })));
      await until(() => acquisition.state('test').parked !== undefined);
      expect(acquisition.state('test').parked).toBe('nobody asks');
      expect(lines).toContainEqual(expect.objectContaining({ level: 'error', campaign: 'test' }));
      await goesOn();
      await run(acquisition.request('second', { type: 'PauseCampaign' }));
      // What failed fails again, unless somebody has mended it.
      await run(acquisition.request('test', { type: 'ResumeCampaign' }));
      await until(() => acquisition.state('test').parkings === 2);
      await run(acquisition.request('test', { type: 'CancelCampaign' }));
      await run(acquisition.stop());
    });

    it('that holds an event of a newer version, and leaves it to nodes of that version', async () => {
      const { acquisition, until, goesOn, run, ports, eventsOf, told } = await openTwo();
      const key = Buffer.from('test');
      const partition = keyPartition(key, SIMULATED_TOPICS.campaigns.partitions);
      const newer = event('newer', { type: 'elastream.v1.MoonPhaseChanged', key });
      await run(ports.log.append({ topic: SIMULATED_TOPICS.campaigns.name, partition }, [newer]));
      await until(() => acquisition.state('test').newer !== undefined);
      const before = eventsOf(SIMULATED_TOPICS.campaigns).length;
      expect(progressMessage('test', acquisition.state('test')).parked).toContain('MoonPhaseChanged');
      await expect(run(acquisition.request('test', { type: 'ResumeCampaign' }))).rejects.toMatchObject({
        ...{ code: 'unavailable', retryable: true, message: expect.stringContaining('a newer elastream') },
      });
      await goesOn();
      await run(ports.clock.sleep(600_000));
      expect(eventsOf(SIMULATED_TOPICS.campaigns)).toHaveLength(before);
      expect(eventsOf(SIMULATED_TOPICS.rejections)).toEqual([]);
      expect(told.campaignsParked.at(-1)).toEqual({ parked: 1 });
      await run(acquisition.stop());
    });
  });

  it('does not take a campaign back at once where leases do not hold, so that one of two writers comes to work', async () => {
    const { world, ports, run, eventsOf } = openServiceWorld();
    const start = (writer: string) => {
      const { controlPlane, log, clock, random } = world.node(writer).ports();
      // Everybody gets every lease.
      const acquireLease: ControlPlane['acquireLease'] = async (name, holder) => ({ name, holder, token: 1 });
      const control = { ...controlPlane, acquireLease };
      return run(startAcquisition({ ...START, ports: { ...ports, log, clock, random }, control, writer }));
    };
    const nodes = [await start('first'), await start('second')];
    await run(nodes[0]!.create('test', CONFIG, SOURCES));
    await world.clock.advance(3_600_000);
    const claims = eventsOf(SIMULATED_TOPICS.campaigns).filter(({ type }) => type === 'EpochClaimed');
    expect(claims.length).toBeGreaterThan(2);
    // About one in two minutes each, by then.
    expect(claims.length).toBeLessThan(120);
    for (const node of nodes) await run(node.stop());
  });
});
