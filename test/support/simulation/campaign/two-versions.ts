import { currentRound, nextStep } from '../../../../src/learning/campaign/campaign-step.ts';
import type { NewEvent } from '../../../../src/model/event-record.ts';
import { keyPartition } from '../../../../src/model/partitioner.ts';
import type { EventBatch, EventLog } from '../../../../src/ports/event-log.ts';
import { keyOf } from '../../../../src/protocol/event-routes.ts';
import { retrying } from '../../../../src/runtime/retry.ts';
import { event } from '../../events.ts';
import type { LogContent } from '../checked-guarantees.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { SIMULATED_TOPICS as TOPICS } from '../service-world.ts';
import { type CampaignPlan, nodeNames } from './campaign-plan.ts';
import type { Stage } from './stage.ts';

/*
 * The newer elastream is the present one with three changes: it knows one more event type, which affects no decision;
 * it adds a field to every event; and its engine has another name. The older elastream is the present one unchanged.
 */

const NEWER_TYPE = 'CampaignAnnotated';
const POLL_MS = 500;
/** By then the campaigns are running. */
const STARTED_MS = 20_000;
const BETWEEN_MS = 15_000;
/** A field number that no message has; its value is 1 as a varint. */
const NEWER_FIELD = Buffer.from([0xf8, 0x7f, 0x01]);

/** Changes the plan: a second campaign, and nodes that are upgraded one after the other. */
export function withTwoVersions(plan: CampaignPlan): CampaignPlan {
  const random = createSeededRandom(plan.seed).fork('two versions');
  const [first] = plan.arms as [CampaignPlan['arms'][0]];
  const names = random.shuffle(nodeNames(plan.layout, plan.nodes));
  const upgrades = names.map((name, i) => [name, STARTED_MS + (i + 1) * BETWEEN_MS + random.int(BETWEEN_MS)] as const);
  return {
    ...plan,
    arms: [first, plan.arms[1] ?? { ...first, name: 'other' }],
    versions: { upgrades: Object.fromEntries(upgrades) },
  };
}

/** The log as a newer node reads and writes it. */
export function newerLog(log: EventLog): EventLog {
  const known = (batch: EventBatch): EventBatch => ({
    ...batch,
    records: batch.records.filter(({ type }) => !type.endsWith(`.${NEWER_TYPE}`)),
  });
  const newer = (one: NewEvent): NewEvent => ({ ...one, value: Buffer.concat([one.value, NEWER_FIELD]) });
  return {
    ...log,
    append: (at, events) => log.append(at, events.map(newer)),
    join: (member) => log.join({ ...member, onBatch: (batch) => member.onBatch(known(batch)) }),
    follow: (follower) => log.follow({ ...follower, onBatch: (batch) => follower.onBatch(known(batch)) }),
    async *read(ranges) {
      for await (const batch of log.read(ranges)) yield known(batch);
    },
  };
}

/**
 * Appends events that older nodes do not know: to the first campaign's stream after its creation, and to topics that
 * belong to no campaign.
 */
export async function appendNewerEvents({ plan, world, acquisitions }: Stage): Promise<void> {
  const { log, clock, random } = world.node('newer').ports();
  const ports = { log, clock, random, topics: TOPICS };
  const { name } = plan.arms[0]!;
  while (![...acquisitions.values()].some((one) => one.state(name).created)) await clock.sleep(POLL_MS);
  const key = keyOf(name);
  const newer = { type: `elastream.v1.${NEWER_TYPE}`, value: NEWER_FIELD };
  for (const { name: topic, partitions } of [TOPICS.campaigns, TOPICS.materials]) {
    const at = { topic, partition: keyPartition(key, partitions) };
    await retrying(ports, () => log.append(at, [event(`${NEWER_TYPE} in ${topic}`, { ...newer, key })]));
  }
}

/** Watches older nodes all the time: only the campaign with the newer event may stop, and it must give the reason. */
export async function watchOlderNodes(stage: Stage): Promise<void> {
  const { plan, world, acquisitions, violations, older } = stage;
  const [annotated, other] = plan.arms.map(({ name }) => name) as [string, string];
  const rounds = new Map<string, number>();
  for (;;) {
    await world.clock.sleep(POLL_MS);
    for (const [node, acquisition] of acquisitions) {
      if (acquisition.state(other).newer !== undefined) violations.push(`(8) ${node} takes ${other} for a newer one's`);
      const state = acquisition.state(annotated);
      if (state.newer === undefined || state.stopped !== undefined) continue;
      const step = nextStep(state);
      const says = step.step === 'parked' && step.reason.includes(NEWER_TYPE) && step.reason.includes('upgrade');
      if (!says) violations.push(`(8) ${node} meets ${NEWER_TYPE} and goes on with ${step.step}`);
      older.parked.add(node);
      const round = currentRound(acquisition.state(other));
      const before = rounds.get(node) ?? round;
      if (round > before) older.wentOn = true;
      rounds.set(node, before);
    }
  }
}

/** The content as an older node would have written it. */
export function withoutNewerFields(content: LogContent): LogContent {
  const older = (value: Uint8Array) =>
    NEWER_FIELD.equals(value.subarray(-NEWER_FIELD.length)) ? value.subarray(0, -NEWER_FIELD.length) : value;
  return new Map(
    [...content].map(([topic, partitions]) => [
      topic,
      partitions.map((records) => records.map((record) => ({ ...record, value: older(record.value) }))),
    ]),
  );
}
