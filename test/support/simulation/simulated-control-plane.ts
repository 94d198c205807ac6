import type { ControlPlane, Lease } from '../../../src/ports/control-plane.ts';
import { createPortCalls, type Life } from './life.ts';
import type { Surroundings } from './surroundings.ts';

/** A node's access to the control plane that all nodes share. */
export function createSimulatedControlPlane(around: Surroundings, life: Life, shared: ControlPlane): ControlPlane {
  const calls = createPortCalls(around, life, 'control plane');
  const random = around.random.fork(`control plane of ${life.who}`);
  const fault = 'controlRefused';
  const watches: (() => Promise<void>)[] = [];
  const unwatch = () => {
    for (const stop of watches.splice(0)) void stop();
  };
  life.onEnd(unwatch);

  function perhapsLose(lease: Lease, ttlMs: number): void {
    if (around.strikes('leaseLost')) void around.clock.sleep(random.int(ttlMs)).then(() => shared.releaseLease(lease));
  }

  return {
    acquireLease: (name, holder, ttlMs) =>
      calls.call(`acquire lease ${name}`, fault, async () => {
        const lease = await shared.acquireLease(name, holder, ttlMs);
        if (lease) perhapsLose(lease, ttlMs);
        return lease;
      }),
    releaseLease: (lease) => calls.call(`release lease ${lease.name}`, fault, () => shared.releaseLease(lease)),
    announce: (node, ttlMs) => calls.call(`announce ${node.id}`, fault, () => shared.announce(node, ttlMs)),
    withdraw: (id) => calls.call(`withdraw ${id}`, fault, () => shared.withdraw(id)),
    nodes: () => calls.call('nodes', fault, () => shared.nodes()),
    publishProgress: (progress) =>
      calls.call('progress', fault, async () => {
        if (!around.strikes('progressLost')) await shared.publishProgress(progress);
      }),
    watchProgress: (campaign, onProgress) =>
      calls.call(`watch ${campaign}`, fault, async () => {
        const stop = await shared.watchProgress(campaign, (progress) => life.isOver() || onProgress(progress));
        watches.push(stop);
        return stop;
      }),
    async close() {
      calls.close();
      unwatch();
    },
  };
}
