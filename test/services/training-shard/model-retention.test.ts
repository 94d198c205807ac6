import { describe, expect, it } from 'vitest';
import { createModelRetention } from '../../../services/training-shard/model-retention.ts';
import type { RoundOpened } from '../../../src/learning/campaign/campaign-events.ts';
import { memberModel } from '../../../src/learning/ensemble/member-models.ts';
import type { MemberTrained } from '../../../src/model/events.ts';
import type { ModelName } from '../../../src/ports/model-store.ts';
import { createCampaignStates } from '../../../src/reading/campaign-states.ts';
import { createTrainedMembers } from '../../../src/reading/trained-members.ts';
import { hashOf } from '../../support/campaigns.ts';
import { longCampaign } from '../../support/long-campaign.ts';
import { openServiceWorld, SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

/** Three rounds, the last of which has selected too; a model's bytes are its round and member. */
async function threeRounds(until = Number.POSITIVE_INFINITY) {
  const { node, run } = openServiceWorld();
  const states = createCampaignStates(SIMULATED_TOPICS.campaigns, SIMULATED_TOPICS.members);
  const trainedMembers = createTrainedMembers(SIMULATED_TOPICS.members, memberModel);
  const place = { key: 'test', topic: 't', partition: 0, offset: 0, id: 'x', time: '' };
  const nameOf = new Map<ModelName, string>();
  for (const event of [...longCampaign({ rounds: 3, batch: 1 })].slice(0, until)) {
    if (event.type !== 'MemberTrained') {
      states.take({ ...place, event: event as RoundOpened });
      continue;
    }
    const what = `round ${event.round}, member ${event.member}`;
    // The first round's last member trains to what the third round's last one does.
    const bytes = what === 'round 1, member 1' ? 'round 3, member 1' : what;
    const model = await run(node.modelStore.put(Buffer.from(bytes)));
    nameOf.set(model, bytes);
    const target = { target: 'g_vrh', model, treesHash: hashOf(bytes), trainingRows: 1 } as const;
    const trained = { ...event, campaign: 'test', targets: [target], engine: 'e', seconds: 1 };
    states.take({ ...place, event: trained as unknown as MemberTrained });
    trainedMembers.keep(trained as unknown as MemberTrained);
  }
  const stranger = await run(node.modelStore.put(Buffer.from('of nobody yet')));
  nameOf.set(stranger, 'of nobody yet');
  async function left(keep: number): Promise<string[]> {
    const retention = createModelRetention({
      states,
      roundModels: {
        isKnown: () => true,
        async find(campaign, round) {
          const { created, rounds } = states.state(campaign);
          return [...trainedMembers.of(created!, rounds.get(round)!.opened!).values()];
        },
      },
      models: node.modelStore,
      keep,
      onFailure: (error) => expect.unreachable(String(error)),
    });
    retention.sweep();
    await run(retention.idle());
    const names: string[] = [];
    for await (const { name } of node.modelStore.list()) names.push(nameOf.get(name)!);
    return names.sort();
  }
  return { left, all: [...nameOf.values()].sort() };
}

describe('models', () => {
  it('of the newest rounds that have selected are kept, and what nobody has told of', async () => {
    expect(await (await threeRounds()).left(1)).toEqual(['of nobody yet', 'round 3, member 0', 'round 3, member 1']);
    const two = ['of nobody yet', ...[2, 3].flatMap((r) => [0, 1].map((m) => `round ${r}, member ${m}`))];
    expect(await (await threeRounds()).left(2)).toEqual(two);
  });

  it('of all rounds are kept where that is asked for', async () => {
    const { left, all } = await threeRounds();
    expect(await left(Number.POSITIVE_INFINITY)).toEqual(all);
  });

  it('of the round that runs are kept beside those of the one before', async () => {
    const events = [...longCampaign({ rounds: 3, batch: 1 })];
    const beforeLastSelection = events.findLastIndex(({ type }) => type === 'Selected');
    const { left } = await threeRounds(beforeLastSelection);
    expect(await left(1)).toEqual([
      'of nobody yet',
      ...[2, 3].flatMap((r) => [0, 1].map((m) => `round ${r}, member ${m}`)),
    ]);
  });
});
