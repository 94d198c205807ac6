import {
  type CampaignState,
  evolve,
  initialState,
  memberKey,
  roundOf,
} from '../../src/learning/campaign/campaign-state.ts';
import { type MemberModel, memberModel } from '../../src/learning/ensemble/member-models.ts';
import { campaignEventOf } from '../../src/runtime/campaign-events-of.ts';
import type { Received } from '../../src/runtime/decode-records.ts';

/** The campaigns of the log, as their own streams and those of their members tell them. */
export interface CampaignBook {
  take(received: Received): void;
  names(): readonly string[];
  state(campaign: string): CampaignState;
  /** Where the models of a round are, members ascending, as far as they are there. */
  trained(campaign: string, round: number): readonly MemberModel[];
}

export function createCampaignBook(): CampaignBook {
  const states = new Map<string, CampaignState>();
  const trained = new Map<string, MemberModel>();
  const state = (campaign: string) => states.get(campaign) ?? initialState();
  return {
    state,
    trained(campaign, round) {
      const { opened } = roundOf(state(campaign), round);
      const members = opened ? (state(campaign).created?.config.ensemble.members ?? 0) : 0;
      const found = Array.from({ length: members }, (_, i) => trained.get(memberKey(opened!.snapshotHash, i)));
      return found.filter((model) => model !== undefined);
    },
    names: () => [...states.keys()],
    take(received) {
      const { event } = received;
      const said = campaignEventOf(received);
      const known = said && state(said.campaign);
      const next = known && evolve(known, said.event);
      if (next !== known) states.set(said!.campaign, next!);
      if (event.type !== 'MemberTrained') return;
      const of = memberKey(event.snapshotHash, event.member);
      // The first is the model.
      if (!trained.has(of)) trained.set(of, memberModel(event));
    },
  };
}
