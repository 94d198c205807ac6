import type { CampaignState } from '../../src/learning/campaign/campaign-state.ts';
import { parkedReason } from '../../src/learning/campaign/campaign-step.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import type { CampaignWriter } from './campaign-writer.ts';

/** What becomes of a campaign whose step has failed in a way that no retry cures: it waits, and the others go on. */
export interface CampaignParking {
  /** @throws the error, where it keeps this node from writing the campaign: that is no failure of the campaign's */
  park(campaign: string, error: unknown): Promise<void>;
  /** Counts anew which are parked. */
  count(): void;
}

export interface CampaignParkingParts {
  readonly telemetry: Telemetry | undefined;
  /** This process's name. */
  readonly writer: string;
  names(): readonly string[];
  state(campaign: string): CampaignState;
  writerOf(campaign: string): Pick<CampaignWriter, 'park'>;
}

/** A reason must fit the log, whatever it repeats. */
const REASON_CHARACTERS_MAX = 1000;

export function createCampaignParking(parts: CampaignParkingParts): CampaignParking {
  const { telemetry, writer } = parts;
  let parked: number | undefined;
  return {
    async park(campaign, error) {
      if (parts.state(campaign).writer !== writer) throw error;
      telemetry?.log('error', 'a campaign is parked until it is resumed', { campaign, err: error });
      const { message } = error as Error;
      await parts.writerOf(campaign).park(message.slice(0, REASON_CHARACTERS_MAX).toWellFormed());
    },
    count() {
      const now = parts.names().filter((name) => parkedReason(parts.state(name)) !== undefined).length;
      if (now !== parked) telemetry?.campaignsParked({ parked: now });
      parked = now;
    },
  };
}
