import { type CampaignEvent, isCampaignStreamEvent } from '../learning/campaign/campaign-events.ts';
import type { Received } from './decode-records.ts';

/** What an event of `campaigns` or `members` says of a campaign, and of which one; undefined where it says nothing. */
export function campaignEventOf({
  event,
  key,
}: Pick<Received, 'event' | 'key'>): { readonly campaign: string; readonly event: CampaignEvent } | undefined {
  switch (event.type) {
    case 'MemberTrained':
    case 'MemberFailed':
      return { campaign: event.campaign, event };
    case 'NewerEvent': {
      const { campaign, name } = event;
      return campaign === undefined ? undefined : { campaign, event: { type: 'NewerEventMet', name } };
    }
    default:
      return isCampaignStreamEvent(event) ? { campaign: key, event } : undefined;
  }
}
