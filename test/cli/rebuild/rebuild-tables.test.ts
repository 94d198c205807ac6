import { expect, it, vi } from 'vitest';
import { rebuildTables } from '../../../src/cli/rebuild/rebuild-tables.ts';
import type * as CampaignStates from '../../../src/learning/campaign/campaign-state.ts';
import { openServiceWorld } from '../../support/simulation/service-world.ts';
import { givenTrainedCampaign } from '../../support/trained-campaign.ts';

const folded = vi.hoisted((): string[] => []);
vi.mock('../../../src/learning/campaign/campaign-state.ts', async (original) => {
  const module = await original<typeof CampaignStates>();
  const evolve: typeof module.evolve = (state, event) => {
    folded.push(event.type);
    return module.evolve(state, event);
  };
  return { ...module, evolve };
});

it('reads each event of the log once, and folds it once for all that is made of it', async () => {
  const world = openServiceWorld();
  // Before the first selection there are no predictions to make.
  await givenTrainedCampaign(world, { rounds: 1, without: 3 });
  const { ports, node, run } = world;
  const read: string[] = [];
  const log: typeof ports.log = {
    ...ports.log,
    async *read(ranges) {
      for await (const batch of ports.log.read(ranges)) {
        read.push(...batch.records.map(({ id }) => id));
        yield batch;
      }
    },
  };
  const parts = { log, models: node.modelStore, regressor: node.regressor, results: node.resultStore, context: ports };
  folded.length = 0;
  expect(await run(rebuildTables(parts))).toBe(0);
  expect(folded.filter((type) => type !== 'MemberTrained')).toEqual(['CampaignCreated', 'EpochClaimed', 'RoundOpened']);
  expect(read).toHaveLength(5);
  expect(new Set(read).size).toBe(5);
  expect(world.world.stored.results.members.size).toBe(4);
});
