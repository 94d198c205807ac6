import { describe, expect, it } from 'vitest';
import type { CampaignCreated, RoundOpened } from '../../src/learning/campaign/campaign-events.ts';
import { evolve, initialState, memberKey } from '../../src/learning/campaign/campaign-state.ts';
import type { MemberTrained } from '../../src/model/events.ts';
import { createTrainedMembers } from '../../src/reading/trained-members.ts';
import { hashOf } from '../support/campaigns.ts';
import { longCampaign } from '../support/long-campaign.ts';
import { SIMULATED_TOPICS } from '../support/simulation/service-world.ts';
import { memberTrained } from '../support/trained-campaign.ts';

const STREAM = [...longCampaign({ rounds: 2, batch: 1 })];
const CREATED = STREAM.find(({ type }) => type === 'CampaignCreated') as CampaignCreated;
const [FIRST, SECOND] = STREAM.filter(({ type }) => type === 'RoundOpened') as RoundOpened[];
const { snapshotHash } = FIRST!;

const trained = (member: number, model: string, change: Partial<MemberTrained> = {}) => ({
  ...memberTrained({ round: 1, snapshotHash, member }, model as never),
  ...change,
});

describe('trained members', () => {
  it('are the first of each member of a round, ascending, as the state of the campaign has them', () => {
    const events = [
      trained(1, 'a', { campaign: 'other' }),
      trained(1, 'b', { round: 2 }),
      trained(1, 'c', { snapshotHash: SECOND!.snapshotHash }),
      ...[trained(1, 'first'), trained(0, 'first'), trained(1, 'later'), trained(0, 'first')],
      trained(CREATED.config.ensemble.members, 'beyond'),
    ];
    const members = createTrainedMembers(SIMULATED_TOPICS.members, ({ modelHash }) => modelHash);
    let state = initialState();
    for (const event of events) {
      members.keep(event);
      if (event.campaign === CREATED.campaign) state = evolve(state, event);
    }
    const first = trained(0, 'first').modelHash;
    expect([...members.of(CREATED, FIRST!)]).toEqual([
      [0, first],
      [1, first],
    ]);
    for (const [member, hash] of members.of(CREATED, FIRST!)) {
      expect(state.rounds.get(1)!.models.get(memberKey(snapshotHash, member))).toBe(hash);
    }
    expect(members.of(CREATED, SECOND!).size).toBe(0);
  });

  it('give back what is kept of the first, whichever comes', () => {
    const members = createTrainedMembers(SIMULATED_TOPICS.members, ({ seconds }) => ({ seconds }));
    const kept = members.keep(trained(0, 'first', { seconds: 1 }));
    expect(members.keep(trained(0, hashOf('later'), { seconds: 2 }))).toBe(kept);
  });
});
