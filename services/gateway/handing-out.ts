import { AppError } from '../../src/model/app-error.ts';
import type { ControlPlane, Lease } from '../../src/ports/control-plane.ts';
import type { Gateway, WorkRequest } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { type AskedCalculation, createAskedCalculations } from '../../src/reading/asked-calculations.ts';
import { createCampaignStates } from '../../src/reading/campaign-states.ts';
import { createLogLookup } from '../../src/reading/log-lookup.ts';
import { readingOn } from '../../src/reading/read-to-end.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';
import { askedMessage } from './asking.ts';
import { begunCampaign } from './manual-campaign.ts';

/*
 * Invariants:
 * 1. An attempt at a calculation is handed to one worker at a time. Leases are ephemeral: where the control plane loses
 *    them, two may be given the same, and the log takes the answer of either.
 * 2. A worker keeps what it was given while its stream is open, and `lease_seconds` longer: it may lose its connection.
 *    Then others are given it. What is told later is taken as if it came in time.
 * 3. The log holds nothing of this: it holds results and failures.
 */

export type WorkLeases = Pick<ControlPlane, 'acquireLease' | 'releaseLease'>;

const COUNT_MAX = 2_000;
const LEASE_SECONDS = { usual: 60, max: 7 * 24 * 3600 };
const WORKER_CHARACTERS_MAX = 200;
/** How soon work is handed out that has become open. */
const POLL_MS = 1_000;
/** How soon work is offered again that another worker had: it may have run out. */
const OFFER_MS = 5_000;

/** Creates the Work call. @param leases absent where nothing runs that could keep them */
export function createHandingOut(
  { log, topics, clock }: Pick<ServicePorts, 'log' | 'topics' | 'clock'>,
  leases: WorkLeases | undefined,
): Gateway['Work'] {
  const states = createCampaignStates(topics.campaigns);
  const asked = createAskedCalculations(states, topics);
  const readOn = readingOn(log, states, asked);
  const lookup = createLogLookup(log, topics);

  /** What the campaign waits for, by the names of the leases. */
  function openOf(campaign: string): ReadonlyMap<string, AskedCalculation> {
    const named = asked.openOf(campaign).map((one) => {
      const { candidate, attempt } = one;
      return [`work/${campaign}/${candidate.calculationId}/${attempt}`, one] as const;
    });
    return new Map(named);
  }

  return (request) =>
    stoppableStream(async function* (signal) {
      const { campaign, worker, count, leaseMs } = checked(request);
      const held = createHeldWork(keptBy(leases), worker, leaseMs);
      let renewed = clock.monotonic();
      let offered = Number.NEGATIVE_INFINITY;
      const taken = new Set<string>();
      while (!signal.aborted) {
        await readOn();
        const { config, method } = begunCampaign(states, campaign);
        if (states.state(campaign).stopped !== undefined) return;
        const open = openOf(campaign);
        await held.dropAllBut(open);
        const now = clock.monotonic();
        if (now - renewed >= leaseMs / 3) {
          await held.renew(); // 2
          renewed = now;
        }
        if (now - offered >= OFFER_MS) {
          taken.clear();
          offered = now;
        }
        for (const [name, one] of open) {
          if (held.size >= count || signal.aborted) break;
          if (held.has(name) || taken.has(name)) continue;
          if (await held.take(name))
            yield { calculation: await askedMessage(one, { campaign, config, method }, lookup) };
          else taken.add(name); // 1
        }
        await clock.sleep(POLL_MS, signal);
      }
    });
}

/** What one stream has handed out. */
interface HeldWork {
  readonly size: number;
  has(name: string): boolean;
  /** False while another worker has it. */
  take(name: string): Promise<boolean>;
  renew(): Promise<void>;
  /** Gives up what is not waited for any more. */
  dropAllBut(open: ReadonlyMap<string, unknown>): Promise<void>;
}

function createHeldWork(leases: WorkLeases, worker: string, leaseMs: number): HeldWork {
  const held = new Map<string, Lease>();
  const take = async (name: string) => {
    const lease = await leases.acquireLease(name, worker, leaseMs);
    if (lease) held.set(name, lease);
    return lease !== undefined;
  };
  return {
    get size() {
      return held.size;
    },
    has: (name) => held.has(name),
    take,
    async renew() {
      // A lease that was lost, and that another worker has by now, is its work: it stays counted as ours until it is told.
      for (const name of held.keys()) await take(name);
    },
    async dropAllBut(open) {
      for (const [name, lease] of held) {
        if (open.has(name)) continue;
        held.delete(name);
        await leases.releaseLease(lease);
      }
    },
  };
}

function checked(request: WorkRequest) {
  const { campaign, worker, count = 1, leaseSeconds = LEASE_SECONDS.usual } = request;
  const problem =
    worker === '' || worker.length > WORKER_CHARACTERS_MAX
      ? `worker is ${worker.length} characters long: name who calculates, by 1 to ${WORKER_CHARACTERS_MAX} characters`
      : count < 1 || count > COUNT_MAX
        ? `count is ${count}: give 1 to ${COUNT_MAX}`
        : leaseSeconds < 1 || leaseSeconds > LEASE_SECONDS.max
          ? `lease_seconds is ${leaseSeconds}: give 1 to ${LEASE_SECONDS.max}`
          : undefined;
  if (problem !== undefined) throw new AppError('invalid_argument', problem);
  return { campaign, worker, count, leaseMs: 1_000 * leaseSeconds };
}

function keptBy(leases: WorkLeases | undefined): WorkLeases {
  if (leases) return leases;
  throw new AppError('unavailable', "nothing runs here that hands out work: 'elastream serve' does, and a cluster");
}
