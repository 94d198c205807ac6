import type { Clock } from '../../ports/clock.ts';
import type { ControlPlane, Lease, Progress, ServiceNode } from '../../ports/control-plane.ts';

interface Expiring<T> {
  readonly value: T;
  readonly expires: number;
}

/** Creates a control plane for services that all run in this process and share its maps. */
export function createControlPlane(clock: Pick<Clock, 'monotonic'>): ControlPlane {
  const leases = new Map<string, Expiring<Lease>>();
  const nodes = new Map<string, Expiring<ServiceNode>>();
  const watchers = new Set<{ campaign: string; onProgress: (progress: Progress) => void }>();
  let lastToken = 0;

  /** Undefined if the entry has expired. */
  function live<T>(entry: Expiring<T> | undefined): T | undefined {
    return entry && entry.expires > clock.monotonic() ? entry.value : undefined;
  }

  return {
    async acquireLease(name, holder, ttlMs) {
      const current = live(leases.get(name));
      if (current && current.holder !== holder) return undefined;
      const lease = current ?? { name, holder, token: ++lastToken };
      leases.set(name, { value: lease, expires: clock.monotonic() + ttlMs });
      return lease;
    },
    async releaseLease({ name, token }) {
      if (live(leases.get(name))?.token === token) leases.delete(name);
    },
    async announce(node, ttlMs) {
      nodes.set(node.id, { value: node, expires: clock.monotonic() + ttlMs });
    },
    async withdraw(nodeId) {
      nodes.delete(nodeId);
    },
    async nodes() {
      for (const [id, entry] of nodes) if (!live(entry)) nodes.delete(id);
      return [...nodes.values()].map(({ value }) => value).sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async publishProgress(progress) {
      for (const { campaign, onProgress } of [...watchers]) if (campaign === progress.campaign) onProgress(progress);
    },
    async watchProgress(campaign, onProgress) {
      const watcher = { campaign, onProgress };
      watchers.add(watcher);
      return async () => {
        watchers.delete(watcher);
      };
    },
    async close() {
      leases.clear();
      nodes.clear();
      watchers.clear();
    },
  };
}
