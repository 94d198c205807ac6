import { type CampaignEvent, isCampaignStreamEvent } from '../learning/campaign/campaign-events.ts';
import type { Received } from './decode-records.ts';

/** The campaign and the event that a record of `campaigns` or `members` contains; undefined if it contains none. */
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
