import type { CampaignStreamEvent } from '../learning/campaign/campaign-events.ts';
import type { ServiceEvent } from '../model/events.ts';

/** All events that the log holds. */
export type DomainEvent = ServiceEvent | CampaignStreamEvent;
