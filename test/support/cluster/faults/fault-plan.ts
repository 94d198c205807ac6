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
  /** A service, a broker's number or a link; empty where the kind says all. */
  readonly target: string;
  /** From the moment when everything was ready again. */
  readonly pauseMs: number;
  /** Strikes together with it, another party. */
  readonly beside?: PlannedFault;
}

/** What there is to be struck. */
export interface FaultTargets {
  readonly services: readonly string[];
  readonly brokers: number;
  readonly links: readonly string[];
  /** To the brokers, from all clients or from the other brokers. */
  readonly brokerLinks: readonly string[];
}

/** How often a kind is among the faults that a run goes through before any comes again. */
const COPIES: Partial<Record<FaultKind, number>> = { 'kill service': 3, 'kill broker': 2, 'half-open link': 2 };
const QUIET = 0.25;
/** How often another fault strikes at once. */
const TWO_AT_ONCE = 0.25;
const PAUSE_MS = { min: 5_000, max: 15_000 };

/**
 * The faults of a run, without end: as many as it lasts. A seed's faults are the same in every run.
 * @param first begins with this kind, so that a few runs strike every kind
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

/** Whom a fault strikes: what strikes brokers and their links is one party, of which a majority must be left. */
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
