import type { IngestTally } from '../../../services/ingestion/ingest-source.ts';
import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';
import type { CampaignState } from '../../learning/campaign/campaign-state.ts';
import type { ControlPlane } from '../../ports/control-plane.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import type { MaterialSource } from '../../ports/material-source.ts';
import type { FollowPorts } from '../../reading/follow.ts';

interface IngestRequest {
  readonly labelSet: string;
  readonly signal: AbortSignal;
  readonly onProgress: (tally: IngestTally) => void;
}

/** Where campaigns run: in this process, or on a cluster. */
export interface CampaignHost {
  readonly ports: FollowPorts & { readonly log: EventLogReader };
  /** The sources that the log holds whole. */
  ingested(): Promise<ReadonlySet<string>>;
  ingest(source: MaterialSource, request: IngestRequest): Promise<IngestTally>;
  state(campaign: string): CampaignState;
  /** Calls back after every change that this process has read. */
  onChange(listener: () => void): void;
  /**
   * Makes a campaign, or finds it; with `examined` once it is known that it can learn something.
   * @returns labels that its data filters leave out, by reason, as far as that was looked at
   * @throws AppError `invalid_argument` where it could learn nothing, or is there with other settings
   */
  create(
    config: CampaignConfig,
    sources: readonly string[],
    examined: boolean,
  ): Promise<Readonly<Record<string, number>>>;
  /** Lets a parked campaign go on; absent where others decide on that. */
  resume?(campaign: string): Promise<void>;
  readonly watchProgress: ControlPlane['watchProgress'];
  /** Resolves when the tables hold all that has happened so far, where that can be known. */
  tablesComplete(): Promise<void>;
  /** Rejects with what the host cannot go on after. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}
