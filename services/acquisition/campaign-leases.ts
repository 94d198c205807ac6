import type { ControlPlane, Lease } from '../../src/ports/control-plane.ts';

/** A campaign's writer renews it at every step and at least every third of this time. */
export const LEASE_MS = 15_000;

/** The leases of the campaigns that this node writes. */
export interface CampaignLeases {
  /** False while another node has it. */
  hold(campaign: string): Promise<boolean>;
  /** Who stands by takes over at once; where this fails, when they have run out. */
  release(): Promise<void>;
}

export function createCampaignLeases(
  control: Pick<ControlPlane, 'acquireLease' | 'releaseLease'>,
  writer: string,
): CampaignLeases {
  const held = new Map<string, Lease>();
  return {
    async hold(campaign) {
      const lease = await control.acquireLease(`campaign/${campaign}`, writer, LEASE_MS);
      if (lease) held.set(campaign, lease);
      else held.delete(campaign);
      return lease !== undefined;
    },
    async release() {
      await Promise.allSettled([...held.values()].map((lease) => control.releaseLease(lease)));
    },
  };
}
