import type { Clock } from '../../src/ports/clock.ts';
import type { ControlPlane, ServiceNode } from '../../src/ports/control-plane.ts';
import type { Service } from '../../src/runtime/service.ts';

/** A node without an announcement for this long counts as gone. */
const ALIVE_MS = 6_000;
const EVERY_MS = ALIVE_MS / 3;

export interface Announcements extends Service {
  /** Announces the change at once. */
  change(changes: Partial<Pick<ServiceNode, 'partitions' | 'reach'>>): void;
}

/**
 * Keeps this node in the registry while it lives. A failed announcement is reported and repeated: nothing is decided by
 * the registry.
 */
export function startAnnouncements(
  node: ServiceNode,
  parts: {
    readonly control: ControlPlane;
    readonly clock: Clock;
    readonly onFailure: (error: unknown) => void;
  },
): Announcements {
  const { control, clock, onFailure } = parts;
  const stopping = new AbortController();
  let current = node;
  /** Announcements run one after another, so that an older one never arrives last. */
  let saying: Promise<void> = Promise.resolve();
  const say = () => {
    saying = saying.then(() => control.announce(current, ALIVE_MS)).catch(onFailure);
    return saying;
  };
  const repeating = (async () => {
    while (!stopping.signal.aborted) {
      await say();
      await clock.sleep(EVERY_MS, stopping.signal);
    }
  })();
  return {
    failed: new Promise<never>(() => {}),
    change(changes) {
      current = { ...current, ...changes };
      void say();
    },
    async stop() {
      stopping.abort();
      await repeating;
      await saying.then(() => control.withdraw(node.id)).catch(onFailure);
    },
  };
}
