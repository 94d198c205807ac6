import { createSeededRandom, type SeededRandom } from '../../simulation/seeded-random.ts';

export const FAULT_KINDS = [
  'kill service',
  'kill broker',
  'kill NATS',
  'kill ClickHouse',
  'freeze service',
  'freeze broker',
  'freeze NATS',
  'freeze ClickHouse',
  'slow ClickHouse',
  'slow link',
  'reset link',
  'half-open link',
  'cut link',
  'slow broker link',
  'half-open broker link',
  'cut broker link',
  'kill two brokers',
  'wipe NATS',
  'wipe ClickHouse',
  'poison',
  'double',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface PlannedFault {
  readonly kind: FaultKind | 'quiet';
  /** A service, the number of a broker, or a link; empty if the kind says everything. */
  readonly target: string;
  /** Counted from the moment when everything is ready again. */
  readonly pauseMs: number;
  /** A fault that strikes another party at the same time. */
  readonly beside?: PlannedFault;
}

/** The parties that faults can strike. */
export interface FaultTargets {
  readonly services: readonly string[];
  readonly brokers: number;
  readonly links: readonly string[];
  /** Links to the brokers, from all clients or from the other brokers. */
  readonly brokerLinks: readonly string[];
}

/** The number of faults of a kind per cycle: a run goes through a whole cycle before any fault repeats. */
const COPIES: Partial<Record<FaultKind, number>> = { 'kill service': 3, 'kill broker': 2, 'half-open link': 2 };
const QUIET = 0.25;
/** The chance that a second fault strikes at the same time. */
const TWO_AT_ONCE = 0.25;
const PAUSE_MS = { min: 5_000, max: 15_000 };

/**
 * The faults of a run, without end: the run takes as many as it needs. The same seed gives the same faults in every
 * run.
 * @param first the kind to begin with, so that a few runs cover every kind
 */
export function* planFaults(seed: number, targets: FaultTargets, first?: FaultKind): Generator<PlannedFault, never> {
  const random = createSeededRandom(seed).fork('faults');
  const pauseMs = () => Math.round(PAUSE_MS.min + random.uniform() * (PAUSE_MS.max - PAUSE_MS.min));
  const planned = (kind: FaultKind, ms: number): PlannedFault => {
    const fault = { kind, target: targetOf(kind, targets, random), pauseMs: ms };
    if (!random.chance(TWO_AT_ONCE)) return fault;
    const other = random.pick(FAULT_KINDS.filter((one) => partyOf(one) !== partyOf(kind)));
    return { ...fault, beside: { kind: other, target: targetOf(other, targets, random), pauseMs: 0 } };
  };
  if (first) yield planned(first, PAUSE_MS.min);
  for (;;) {
    for (const kind of random.shuffle(
      FAULT_KINDS.flatMap((each) => Array(COPIES[each] ?? 1).fill(each) as FaultKind[]),
    )) {
      while (random.chance(QUIET)) yield { kind: 'quiet', target: '', pauseMs: pauseMs() };
      yield planned(kind, pauseMs());
    }
  }
}

/** The party that a fault strikes. Brokers and their links are one party, because a majority of them must stay up. */
function partyOf(kind: FaultKind): string {
  return kind.includes('broker') ? 'brokers' : kind.split(' ').at(-1)!;
}

function targetOf(
  kind: FaultKind,
  { services, brokers, links, brokerLinks }: FaultTargets,
  random: SeededRandom,
): string {
  if (kind.endsWith(' broker link')) return random.pick(brokerLinks);
  if (kind.endsWith(' service')) return random.pick(services);
  if (kind.endsWith(' broker') || kind.endsWith(' brokers')) return String(random.int(brokers));
  return kind.endsWith(' link') ? random.pick(links) : '';
}

/** `kill service acquisition-2` */
export function faultText({ kind, target, beside }: PlannedFault): string {
  const text = target === '' ? kind : `${kind} ${target}`;
  return beside ? `${text} and ${faultText(beside)}` : text;
}
