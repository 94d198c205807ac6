import { AppError } from '../../src/model/app-error.ts';
import type { ControlPlane, Lease } from '../../src/ports/control-plane.ts';

/** A campaign's writer renews it at every step and at least every third of this time. */
export const LEASE_MS = 15_000;

/** The leases of the campaigns that this node writes. */
export interface CampaignLeases {
  /**
   * False while another node has it. Where the control plane refuses leases, being full, nobody gets one: who writes the
   * campaign by the log goes on, as its epoch keeps others out.
   * @throws AppError retryable where it does not answer, or refuses a node that does not write the campaign
   */
  hold(campaign: string): Promise<boolean>;
  /** Who stands by takes over at once; where this fails, when they have run out. */
  release(): Promise<void>;
}

export function createCampaignLeases(
  control: Pick<ControlPlane, 'acquireLease' | 'releaseLease'>,
  writer: string,
  writes: (campaign: string) => boolean,
): CampaignLeases {
  const held = new Map<string, Lease>();

  async function acquire(campaign: string): Promise<Lease | 'refused' | undefined> {
    try {
      return await control.acquireLease(`campaign/${campaign}`, writer, LEASE_MS);
    } catch (error) {
      if (!(error instanceof AppError) || error.retryable) throw error;
      if (writes(campaign)) return 'refused';
      const message = `no lease of campaign ${campaign} can be had: ${error.message}`;
      throw new AppError('unavailable', message, { retryable: true, cause: error });
    }
  }

  return {
    async hold(campaign) {
      const lease = await acquire(campaign);
      if (lease === 'refused') return true;
      if (lease) held.set(campaign, lease);
      else held.delete(campaign);
      return lease !== undefined;
    },
    async release() {
      await Promise.allSettled([...held.values()].map((lease) => control.releaseLease(lease)));
    },
  };
}
