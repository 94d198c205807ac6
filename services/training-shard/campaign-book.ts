import type { CampaignEvent } from '../../src/learning/campaign-events.ts';
import { type CampaignState, evolve, initialState, memberKey, roundOf } from '../../src/learning/campaign-state.ts';
import type { MemberTrained } from '../../src/model/events.ts';
import type { MemberModel } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import type { Received } from '../../src/runtime/decode-records.ts';

/** The campaigns of the log, as their own streams and those of their members tell them. */
export interface CampaignBook {
  take(received: Received): void;
  names(): readonly string[];
  state(campaign: string): CampaignState;
  /** Where the models of a round are, members ascending; undefined while one is missing. */
  models(campaign: string, round: number): readonly MemberModel[] | undefined;
}

export function createCampaignBook(): CampaignBook {
  const states = new Map<string, CampaignState>();
  const trained = new Map<string, MemberModel>();
  const state = (campaign: string) => states.get(campaign) ?? initialState();
  return {
    state,
    models(campaign, round) {
      const { created } = state(campaign);
      const { opened } = roundOf(state(campaign), round);
      if (created === undefined || opened === undefined) return undefined;
      const { members } = created.config.ensemble;
      const found = Array.from({ length: members }, (_, i) => trained.get(memberKey(opened.snapshotHash, i)));
      return found.every((model) => model !== undefined) ? found : undefined;
    },
    names: () => [...states.keys()],
    take({ event, key }) {
      const campaign = event.type === 'MemberTrained' ? event.campaign : key;
      const known = state(campaign);
      const next = isCampaignEvent(event) ? evolve(known, event) : known;
      if (next !== known) states.set(campaign, next);
      if (event.type !== 'MemberTrained') return;
      const of = memberKey(event.snapshotHash, event.member);
      // The first is the model.
      if (!trained.has(of)) trained.set(of, modelOf(event));
    },
  };
}

/** Without its held-out predictions, which are many. */
function modelOf({ member, targets }: MemberTrained): MemberModel {
  return { member, targets: targets.map(({ target, model, treesHash }) => ({ target, model, treesHash })) };
}

const OF_CAMPAIGNS: ReadonlySet<string> = new Set<CampaignEvent['type']>([
  'CampaignCreated',
  'EpochClaimed',
  'RoundOpened',
  'Selected',
  'CalculationExpired',
  'RoundClosed',
  'CampaignStopped',
  'CampaignPaused',
  'CampaignResumed',
  'MemberTrained',
]);

function isCampaignEvent(event: Received['event']): event is Received['event'] & CampaignEvent {
  return OF_CAMPAIGNS.has(event.type);
}
