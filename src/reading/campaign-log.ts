import { featureSchemaId } from '../featurizers/feature-schema.ts';
import { createTopics } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';

/** The loop's topics: the same in every directory and on every cluster. */
export const TOPICS = createTopics({ featureSchema: featureSchemaId('primitive') });

/** The log of a directory, or of a cluster by its gateway's address. */
export interface CampaignLogReader extends EventLogReader {
  /** Who takes the campaigns forward now: a process of this machine, a cluster, or nobody. */
  runner(): { readonly pid: number | null } | undefined;
}
