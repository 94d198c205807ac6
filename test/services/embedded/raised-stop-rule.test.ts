import { expect, it } from 'vitest';
import { startEmbedded } from '../../../services/embedded/embedded.ts';
import { startResting } from '../../../services/embedded/resting.ts';
import { toLimitFields } from '../../../src/protocol/stop-rule-message.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { ingestSource } from '../../support/ingest-source.ts';
import { drawPlan } from '../../support/simulation/campaign/campaign-plan.ts';
import { openServiceWorld, receivedIn, SIMULATED_TOPICS as topics } from '../../support/simulation/service-world.ts';

const SEED = 3;
const HOUR_MS = 3_600_000;

it('lets a campaign that had stopped continue: asked of a directory that rests, done by whoever runs it next', async () => {
  const { sources, arms } = drawPlan(SEED);
  const { world, node, ports, run } = openServiceWorld({ seed: SEED });
  const { controlPlane: control, modelStore: models, regressor, featurizer, calculator } = node;
  const config = { ...arms[0]!, stop: { rounds: 1 } };
  const parts = { ports, control, models, regressor, featurizer, calculator, writer: 'w', engine: 'stumps' };
  const publisher = createPublisher(ports, 'ingestion');
  const begun = await run(startEmbedded(parts));
  for (const { id, labelSet, items } of sources)
    await run(ingestSource(node.source(id, items), { topics, publisher, labelSet }));
  const ids = sources.map(({ id }) => id);
  await run(begun.acquisition.create(config.name, config, ids));
  const until = (holds: () => boolean) => world.clock.runUntil(holds, 100 * HOUR_MS);
  await until(() => begun.acquisition.state(config.name).stopped !== undefined);
  expect(begun.acquisition.state(config.name).rounds.size).toBe(2);
  await run(begun.stop());

  const resting = await run(startResting({ ports, control, models, writer: 'w' }));
  const asked = { campaign: config.name, ...toLimitFields({ rounds: 2 }) };
  await run(resting.campaigns.RaiseStopRule(asked));
  // The directory rests: nobody opens a round that nobody would train.
  await run(ports.clock.sleep(HOUR_MS));
  await expect(run(resting.campaigns.CreateCampaign({ campaignJson: '{}', sources: [] }))).rejects.toMatchObject({
    code: 'unavailable',
  });
  await run(resting.stop());
  const last = receivedIn(world, topics.campaigns).map(({ event }) => event.type);
  expect(last.slice(-2)).toEqual(['CampaignStopped', 'StopRuleRaised']);

  const next = await run(startEmbedded(parts));
  const state = () => next.acquisition.state(config.name);
  expect(state()).toMatchObject({ raised: { rounds: 2 } });
  await until(() => state().stopped !== undefined);
  expect([...state().rounds.values()].map(({ selected }) => selected!.length > 0)).toEqual([true, false, true, false]);
  expect(state()).toMatchObject({ stopped: 'rounds', epoch: 1 });
  await run(next.stop());
});
