import type { KafkaPartition } from '../kafka/kafka-partition.ts';
import type { SimulatedBrokers } from '../kafka/simulated-brokers.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { SIMULATED_TOPICS } from '../service-world.ts';
import type { CampaignPlan, PlannedFlip } from './campaign-plan.ts';
import type { Stage } from './stage.ts';

/** The topics that nodes read from the beginning when they start. */
const READ_AGAIN = ['materials', 'labels', 'features', 'examples', 'members', 'campaigns'] as const;
const BROKERS = 3;
const POLL_MS = 1_000;
/** Nodes that end because of the flipped bit are restarted several times in this time. */
const FOR_MS = 40_000;
const SOONEST_MS = 10_000;

/** Changes the plan: three brokers that lose nothing else, and one flipped bit. */
export function withFlippedBit(plan: CampaignPlan): CampaignPlan {
  const random = createSeededRandom(plan.seed).fork('flipped bit');
  const { weather } = plan.kafka!;
  const span = weather.calmAfterMs - SOONEST_MS;
  const flip = {
    topic: random.pick(READ_AGAIN),
    atMs: SOONEST_MS + random.int(span),
    forMs: FOR_MS,
    event: random.uniform(),
    bit: random.int(2 ** 31),
  };
  // Another lost copy may have been the undamaged one.
  const episodes = weather.episodes
    .filter((one) => !('broker' in one) || one.broker < BROKERS)
    .map((one) => (one.kind === 'broker killed' ? { ...one, lost: 0 } : one));
  return { ...plan, flips: [flip], kafka: { brokers: BROKERS, weather: { ...weather, episodes } } };
}

/** Flips the bit in the leader's copy, restarts all nodes, and replaces the disk at the end. */
export async function flipBit(stage: Stage, flip: PlannedFlip, restartAll: () => void): Promise<void> {
  const { clock, brokers } = stage.world;
  await clock.sleep(flip.atMs);
  let found = findEvent(brokers!, flip);
  for (; !found; found = findEvent(brokers!, flip)) await clock.sleep(POLL_MS);
  const { state, offset, place } = found;
  const broker = state.leader();
  state.log(broker).flip({ offset, bit: flip.bit });
  stage.damaged.push(place);
  restartAll();
  await clock.sleep(flip.forMs);
  for (;;) {
    if (state.leader() === broker) brokers!.moveLeaders(broker);
    if (state.replace(broker)) return;
    await clock.sleep(POLL_MS);
  }
}

interface FoundEvent {
  readonly state: KafkaPartition;
  readonly offset: number;
  readonly place: string;
}

/** An event that all replicas hold. */
function findEvent(brokers: SimulatedBrokers, { topic, event }: PlannedFlip): FoundEvent | undefined {
  const { name } = SIMULATED_TOPICS[topic];
  const all = brokers.partitions().flatMap(({ topic: of, partition, state }) => {
    if (of !== name || state.leader() < 0 || state.inSync().length < state.settings.replicas.length) return [];
    return Array.from({ length: state.highWatermark() }, (_, offset) => {
      return { state, offset, place: `${of} partition ${partition} offset ${offset}` };
    });
  });
  return all[Math.floor(event * all.length)];
}

/** The number of times that a node ended because it had read the damage; each has named the place. */
export function foundDamage({ failures, damaged }: Stage): number {
  return failures.filter((failure) => damaged.some((place) => failure.includes(place))).length;
}
