import type { ProgramConfig } from '../../campaigns.ts';
import { drawWeather } from '../kafka/kafka-weather.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { type CampaignPlan, nodeNames } from './campaign-plan.ts';

const MINUTE_MS = 60_000;
const DOWN_MS_MAX = MINUTE_MS;
/** Missing rows of tables are detected every five minutes. */
const SETTLING_MS = 7 * MINUTE_MS;
/** Far longer than all faults and calculations take. */
const EXPIRE_LATE_SECONDS = 20 * 60;

/**
 * The plan's campaigns over Kafka's adapter with its own faults. Group members send heartbeats twice per second, and
 * each heartbeat costs simulation time, so everything else that takes long is shorter here.
 */
export function withKafka(plan: CampaignPlan): CampaignPlan {
  const random = createSeededRandom(plan.seed).fork('kafka plan');
  const calmAfterMs = random.pick([1, 2, 4]) * MINUTE_MS;
  const clients = nodeNames(plan.layout, plan.nodes);
  const brokers = random.pick([1, 3, 3, 3]);
  const soonest = (ms: number) => ms % calmAfterMs;
  return {
    ...plan,
    arms: plan.arms.map((arm) => hurried(arm, plan.expiresSoon)),
    calculations: {
      ...plan.calculations,
      ...(!plan.expiresSoon && { neverReturning: 0, msMax: Math.min(plan.calculations.msMax ?? 0, 10_000) }),
    },
    calmAfterMs,
    campaignMsMax: 60 * MINUTE_MS,
    settlingMs: SETTLING_MS,
    outages: plan.outages.map((outage) => {
      const fromMs = soonest(outage.fromMs);
      return { ...outage, fromMs, toMs: Math.min(calmAfterMs, fromMs + outage.toMs - outage.fromMs) };
    }),
    interruptions: plan.interruptions.map((one) => ({
      ...one,
      atMs: soonest(one.atMs),
      downMs: Math.min(one.downMs, DOWN_MS_MAX),
    })),
    junk: plan.junk.map((one) => ({ ...one, atMs: soonest(one.atMs) })),
    latecomers: plan.latecomers.map((one) => ({ ...one, atMs: soonest(one.atMs) })),
    tableLosses: plan.tableLosses.map(({ atMs, lost }) => {
      const soon = soonest(atMs);
      return { atMs: soon, lost: typeof lost === 'object' ? { copiedAtMs: Math.min(soon, lost.copiedAtMs) } : lost };
    }),
    kafka: { brokers, weather: drawWeather(random, { brokers, clients, spanMs: calmAfterMs }) },
  };
}

function hurried(arm: ProgramConfig, expiresSoon: boolean): ProgramConfig {
  const { calculator } = arm;
  const delaySeconds = Math.min(5, calculator.mishaps.delaySeconds);
  const mishaps = { ...calculator.mishaps, delaySeconds, ...(!expiresSoon && { neverReturningRate: 0 }) };
  return {
    ...arm,
    calculator: { ...calculator, mishaps, ...(!expiresSoon && { expireAfterSeconds: EXPIRE_LATE_SECONDS }) },
  };
}
