import type { CampaignEvent } from '../../src/learning/campaign-events.ts';
import { type CampaignState, evolve, initialState } from '../../src/learning/campaign-state.ts';
import type { Received } from '../../src/runtime/decode-records.ts';

/** The campaigns of the log, as their own streams and those of their members tell them. */
export interface CampaignBook {
  take(received: Received): void;
  names(): readonly string[];
  state(campaign: string): CampaignState;
}

export function createCampaignBook(): CampaignBook {
  const states = new Map<string, CampaignState>();
  const state = (campaign: string) => states.get(campaign) ?? initialState();
  return {
    state,
    names: () => [...states.keys()],
    take({ event, key }) {
      const campaign = event.type === 'MemberTrained' ? event.campaign : key;
      const known = state(campaign);
      const next = isCampaignEvent(event) ? evolve(known, event) : known;
      if (next !== known) states.set(campaign, next);
    },
  };
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
