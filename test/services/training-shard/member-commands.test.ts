import { describe, expect, it } from 'vitest';
import { startMemberCommands } from '../../../services/training-shard/member-commands.ts';
import type { MemberTrainingParts, Model } from '../../../services/training-shard/member-training.ts';
import type { PreparedRound } from '../../../services/training-shard/round-preparation.ts';
import { treesHash } from '../../../src/adapters/lightgbm/trees-hash.ts';
import type { CampaignCreated, RoundOpened } from '../../../src/learning/campaign/campaign-events.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { InputRejected, TrainMember } from '../../../src/model/events.ts';
import type { TrainedBooster } from '../../../src/ports/regressor.ts';
import { createCampaignStates } from '../../../src/reading/campaign-states.ts';
import { follow } from '../../../src/reading/follow.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { createRecentValues } from '../../../src/runtime/recent-values.ts';
import { created, runCampaign } from '../../support/campaigns.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';
import { openServiceWorld, SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';
import { stumpsText } from '../../support/simulation/stump-booster.ts';

const { campaign: STREAM } = runCampaign(created({}), ['a', 'b', 'c']);
const CREATED = STREAM.find(({ type }) => type === 'CampaignCreated') as CampaignCreated;
const { snapshot, snapshotHash } = STREAM.find(({ type }) => type === 'RoundOpened') as RoundOpened;
/** A round whose labels are all in the test set. */
const ROUND = {
  ...{ created: CREATED, snapshot, snapshotHash },
  labels: { draws: [], targets: CREATED.config.targets, values: new Float64Array(), acquired: new Uint8Array() },
} as unknown as PreparedRound;

const { campaign } = CREATED;
const command = (member: number, change: Partial<TrainMember> = {}) => ({
  event: { type: 'TrainMember', campaign, round: 1, snapshotHash, member, parkings: 0, ...change } as const,
});

/** A shard that trains what it is told, with the world's own store and regressor unless others are given. */
async function open(change: Partial<MemberTrainingParts> = {}, round: PreparedRound = ROUND) {
  const { world, ports, node, given, run, eventsOf } = openServiceWorld();
  const recorded = recordedTelemetry();
  const states = createCampaignStates(SIMULATED_TOPICS.campaigns, SIMULATED_TOPICS.members);
  for (const event of STREAM.slice(0, STREAM.findIndex(({ type }) => type === 'RoundOpened') + 1)) {
    states.take({
      event: event as RoundOpened,
      key: CREATED.campaign,
      topic: 't',
      partition: 0,
      offset: 0,
      id: 'x',
      time: '',
    });
  }
  const { modelStore: models, regressor } = node;
  const watched = { ...ports, telemetry: recorded.telemetry };
  const commands = await run(
    startMemberCommands({
      ...{ ports: watched, states, publisher: createPublisher(ports, 'training-shard') },
      following: await run(follow(ports, [createCampaignStates(SIMULATED_TOPICS.campaigns)])),
      preparation: { prepare: async () => round, close: async () => {} },
      training: {
        ...{ models, engine: 'e', cache: createRecentValues<Model>(1), context: ports },
        regressor: { ...regressor, workers: 1 },
        ...change,
      },
    }),
  );
  const rejections = () => eventsOf(SIMULATED_TOPICS.rejections);
  const failures = () => eventsOf(SIMULATED_TOPICS.members).filter(({ type }) => type === 'MemberFailed');
  const until = (holds: () => boolean) => world.clock.runUntil(holds, 60_000);
  const isWell = () => expect(Promise.race([commands.failed, 'goes on'])).resolves.toBe('goes on');
  return { ports, given, run, rejections, failures, until, isWell, commands, eventsOf, ...recorded };
}

it('refuses a member that its data leave no row, and goes on with the next', async () => {
  const { given, run, rejections, failures, until, isWell, commands } = await open();
  await given(command(0), command(1));
  await until(() => rejections().length === 2 && failures().length === 2);
  await isWell();
  expect(rejections()).toContainEqual(
    expect.objectContaining({
      rejection: {
        ...{ code: 'out_of_range', source: `campaign ${campaign}`, locator: 'member 0' },
        message: expect.stringMatching(/member 0 of round 1 has no row to train g_vrh on: cancel the campaign/),
      },
    }),
  );
  await run(commands.stop());
});

describe('a member that cannot be trained', () => {
  const values = Float64Array.from({ length: 80 }, (_, i) => i);
  const trainable = (train: PreparedRound['train']) =>
    ({
      ...{ ...ROUND, train, matrix: new Float64Array(40) },
      labels: {
        ...ROUND.labels,
        draws: Array(40).fill(new Uint32Array(2).fill(2 ** 32 - 1)),
        values,
        acquired: new Uint8Array(40),
      },
    }) as unknown as PreparedRound;
  const modelText = stumpsText(1, 0, []);
  const grown = async () => ({ modelText, treesHash: treesHash(modelText) }) as TrainedBooster;
  const broken = (error: unknown) => trainable(() => Promise.reject(error));

  it('is told to its campaign, counted and said; the shard goes on with others', async () => {
    const full = new AppError('storage_unwritable', 'NATS says maximum bytes exceeded (10077); free space');
    const { given, failures, until, isWell, told, lines, commands, run } = await open({}, broken(full));
    await given(command(0), command(1, { parkings: 3 }));
    await until(() => failures().length === 2);
    await isWell();
    const reason = expect.stringContaining('NATS says maximum bytes exceeded (10077); free space');
    const failed = { type: 'MemberFailed', campaign, round: 1, snapshotHash };
    expect(failures()).toEqual([
      { ...failed, member: 0, parkings: 0, reason },
      { ...failed, member: 1, parkings: 3, reason },
    ]);
    expect(told.memberFailed).toHaveLength(2);
    expect(lines).toContainEqual(expect.objectContaining({ level: 'error', campaign, member: 0 }));
    await run(commands.stop());
  });

  it('is told where the store refuses its model', async () => {
    const refusal = new AppError('storage_unwritable', 'NATS says maximum bytes exceeded (10077); free space');
    const models = { put: () => Promise.reject(refusal) } as unknown as MemberTrainingParts['models'];
    const { given, failures, until, isWell, commands, run } = await open({ models }, trainable(grown));
    await given(command(0));
    await until(() => failures().length === 1);
    await isWell();
    expect(failures()).toEqual([expect.objectContaining({ member: 0, reason: expect.stringContaining('(10077)') })]);
    await run(commands.stop());
  });

  it('is told where its held-out predictions do not fit an event', async () => {
    const count = 100_000;
    const round = trainable(grown);
    // The first label trains, all others are held out.
    const draws = Array(count).fill(new Uint32Array(2));
    draws[0] = new Uint32Array(2).fill(2 ** 32 - 1);
    const labels = { ...round.labels, draws, values: new Float64Array(2 * count), acquired: new Uint8Array(count) };
    const { given, failures, until, isWell, commands, run, eventsOf } = await open(
      {},
      { ...round, labels, matrix: new Float64Array(count) },
    );
    await given(command(0), command(1, { parkings: 3 }));
    await until(() => failures().length === 2);
    await isWell();
    const reason = expect.stringMatching(/^member 0 of round 1 cannot be trained: event .* has \d+ bytes; at most/);
    expect(failures()[0]).toMatchObject({ member: 0, reason });
    expect(eventsOf(SIMULATED_TOPICS.members)).toHaveLength(2);
    await run(commands.stop());
  });

  it('is no failure of a campaign where the fault may pass', async () => {
    const passing = new AppError('unavailable', 'no server answers', { retryable: true });
    const { given, failures, commands, run, ports, isWell, hindrances } = await open({}, broken(passing));
    await given(command(0));
    await run(ports.clock.sleep(3_600_000));
    // Nor does it end the shard, however long it takes: nobody counts on it meanwhile.
    await isWell();
    expect(failures()).toEqual([]);
    expect(hindrances()).toEqual([passing.message]);
    await run(commands.stop());
  });

  it('is refused where there is no such member, round or campaign', async () => {
    const { given, rejections, failures, until, isWell, commands, run } = await open();
    const other = `h1:${'0'.repeat(64)}` as const;
    await given(
      command(7),
      command(1, { round: 4 }),
      command(2, { snapshotHash: other }),
      command(3, { campaign: 'x' }),
    );
    await until(() => rejections().length === 4);
    await isWell();
    expect(
      rejections()
        .map((event) => (event as InputRejected).rejection.message)
        .sort(),
    ).toEqual([
      'TrainMember means nothing here: member 7 is none of 2',
      'TrainMember means nothing here: round 1 was not opened with this snapshot',
      'TrainMember means nothing here: round 4 was not opened with this snapshot',
      'TrainMember means nothing here: there is no campaign x',
    ]);
    expect(failures()).toEqual([]);
    await run(commands.stop());
  });
});
