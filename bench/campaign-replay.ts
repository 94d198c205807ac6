/**
 * Measures how long a node takes to fold a long campaign's events into its state:
 *
 *   npm run bench:replay [-- ROUNDS BATCH]
 *
 * Default: 1,000 rounds of 500. It counts the CPU time of the fold alone.
 */
import { loadavg } from 'node:os';
import type { CampaignEvent } from '../src/learning/campaign/campaign-events.ts';
import { evolve, initialState } from '../src/learning/campaign/campaign-state.ts';
import { nextStep } from '../src/learning/campaign/campaign-step.ts';
import { longCampaign } from '../test/support/long-campaign.ts';

const [rounds = 1000, batch = 500] = process.argv.slice(2).map(Number);
let [state, events, foldMs] = [initialState(), 0, 0];

function fold(some: readonly CampaignEvent[]): void {
  const begun = process.cpuUsage();
  for (const event of some) state = evolve(state, event);
  const { user, system } = process.cpuUsage(begun);
  foldMs += (user + system) / 1000;
}

let some: CampaignEvent[] = [];
for (const event of longCampaign({ rounds, batch })) {
  events++;
  some.push(event);
  if (some.length < 10_000) continue;
  fold(some);
  some = [];
}
fold(some);
const { rss } = process.memoryUsage();
console.log(
  `${rounds} rounds of ${batch}: ${events} events folded in ${(foldMs / 1000).toFixed(2)} s of CPU, then ${nextStep(state).step};` +
    ` ${Math.round(rss / 2 ** 20)} MiB; load ${loadavg()[0]!.toFixed(1)}`,
);
