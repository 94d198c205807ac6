import { expect, it } from 'vitest';
import { createCampaignBook } from '../../../services/training-shard/campaign-book.ts';
import { startMemberCommands } from '../../../services/training-shard/member-commands.ts';
import { createModelCache } from '../../../services/training-shard/model-cache.ts';
import type { PreparedRound } from '../../../services/training-shard/round-preparation.ts';
import type { CampaignCreated, RoundOpened } from '../../../src/learning/campaign-events.ts';
import { startFollower } from '../../../src/runtime/follower.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { created, runCampaign } from '../../support/campaigns.ts';
import { openServiceWorld, SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

const { campaign: STREAM } = runCampaign(created({}), ['a', 'b', 'c']);
const CREATED = STREAM.find(({ type }) => type === 'CampaignCreated') as CampaignCreated;
const { snapshot, snapshotHash } = STREAM.find(({ type }) => type === 'RoundOpened') as RoundOpened;
/** A round whose labels are all in the test set. */
const ROUND = {
  ...{ created: CREATED, snapshot, snapshotHash },
  labels: { draws: [], targets: CREATED.config.targets, values: new Float64Array(), acquired: new Uint8Array() },
} as unknown as PreparedRound;

it('refuses a member that its data leave no row, and goes on with the next', async () => {
  const { world, ports, node, given, run, eventsOf } = openServiceWorld();
  const book = createCampaignBook();
  for (const event of STREAM.slice(0, STREAM.findIndex(({ type }) => type === 'RoundOpened') + 1)) {
    book.take({
      event: event as RoundOpened,
      key: CREATED.campaign,
      topic: 't',
      partition: 0,
      offset: 0,
      id: 'x',
      time: '',
    });
  }
  const { models, regressor } = node as unknown as Parameters<typeof startMemberCommands>[0]['training'];
  const commands = await run(
    startMemberCommands({
      ...{ ports, book, publisher: createPublisher(ports, 'training-shard') },
      follower: await run(startFollower(ports, { topics: [SIMULATED_TOPICS.campaigns], apply: () => {} })),
      preparation: { prepare: async () => ROUND, close: async () => {} },
      training: {
        ...{ models, engine: 'e', cache: createModelCache(1), context: ports },
        regressor: { ...regressor, workers: 1 },
      },
    }),
  );
  const { campaign } = CREATED;
  await given(
    ...[0, 1].map((member) => ({
      event: { type: 'TrainMember', campaign, round: 1, snapshotHash, member } as const,
    })),
  );
  const rejections = () => eventsOf(SIMULATED_TOPICS.rejections);
  await world.clock.runUntil(() => rejections().length === 2, 60_000);
  await expect(Promise.race([commands.failed, 'goes on'])).resolves.toBe('goes on');
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
