import { AppError } from '../../src/model/app-error.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ControlPlane, Reach, ServiceNode } from '../../src/ports/control-plane.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { outOfReach } from '../../src/runtime/reach.ts';
import type { Service } from '../../src/runtime/service.ts';
import type { Announcements } from './announcements.ts';

/** Each look at the registry costs its server a listing. */
const EVERY_MS = 5_000;
/** A node that is just ending fails once. */
const FAILURES_MIN = 2;

/** Failures in a row and the latest reason, by node. */
type Failures = ReadonlyMap<string, { readonly count: number; readonly why: string }>;

export interface ReachWatchParts {
  readonly control: Pick<ControlPlane, 'nodes'>;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'log' | 'hindered'>;
  readonly announcements: Pick<Announcements, 'change'>;
  /** The service that this node calls, if any. */
  readonly calls?: string;
  /** Resolves if something answers at the address. @throws AppError with the reason */
  knock(address: string): Promise<void>;
}

/**
 * Knocks at each node of the service that this one calls, and announces who is silent. A node that is announced as
 * silent by everybody is not ready, and says what to set: otherwise it would look well, and no campaign would begin.
 */
export function startReachWatch(self: ServiceNode, parts: ReachWatchParts): Service {
  const { control, clock, telemetry, announcements, calls, knock } = parts;
  const stopping = new AbortController();
  let failures: Failures = new Map();
  let told = '';

  async function knockAtAll(service: string, nodes: readonly ServiceNode[]): Promise<void> {
    const called = nodes.filter((node) => node.service === service && node.address !== undefined);
    failures = new Map((await Promise.all(called.map((node) => knockAt(node)))).flat());
    const silent = [...failures].filter(([, { count }]) => count >= FAILURES_MIN);
    for (const [id, { count, why }] of silent) {
      if (count > FAILURES_MIN) continue;
      const address = called.find((node) => node.id === id)?.address;
      telemetry.log('warn', `${service} ${id} does not answer at ${address}, the address that it announces: ${why}`);
    }
    const reach: Reach = { service, silent: Object.fromEntries(silent.map(([id, { why }]) => [id, why])) };
    announcements.change({ reach });
  }

  async function knockAt({ id, address }: ServiceNode) {
    try {
      await knock(address!);
      return [];
    } catch (error) {
      const count = (failures.get(id)?.count ?? 0) + 1;
      return [[id, { count, why: (error as Error).message }] as const];
    }
  }

  function tell(why: string | undefined): void {
    telemetry.hindered(self, why === undefined ? undefined : new AppError('unavailable', why, { retryable: true }));
    if (why !== undefined && why !== told) telemetry.log('error', why);
    if (why === undefined && told !== '') telemetry.log('info', 'others reach this node again');
    told = why ?? '';
  }

  const watching = (async () => {
    while (!stopping.signal.aborted) {
      // Without the registry nothing is known anew, and the announcements report its absence.
      const nodes = await control.nodes().catch(() => undefined);
      if (nodes) tell(outOfReach(self, nodes));
      if (nodes && calls !== undefined) await knockAtAll(calls, nodes);
      await clock.sleep(EVERY_MS, stopping.signal);
    }
  })();
  return {
    failed: new Promise<never>(() => {}),
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
