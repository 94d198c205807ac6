import { expect, it } from 'vitest';
import { createRoundPreparation, type PreparationParts } from '../../../services/training-shard/round-preparation.ts';
import type { CampaignCreated } from '../../../src/learning/campaign/campaign-events.ts';
import { type CampaignState, initialState } from '../../../src/learning/campaign/campaign-state.ts';
import { createSnapshot, roundContents } from '../../../src/learning/campaign/round-contents.ts';
import { snapshotHash } from '../../../src/learning/campaign/round-snapshot.ts';
import { freezeData } from '../../../src/learning/data/campaign-data.ts';
import { memberRows } from '../../../src/learning/ensemble/member-split.ts';
import type { Regressor, TrainingMatrix, TrainingTask } from '../../../src/ports/regressor.ts';
import { CONFIG } from '../../support/campaigns.ts';
import { createdWith, labelledCatalogue, PARTITIONS } from '../../support/catalogues.ts';
import { finished } from '../../support/finished.ts';
import { createVirtualClock } from '../../support/simulation/virtual-clock.ts';

const catalogue = labelledCatalogue(40);
const OFFSETS = { features: Array(PARTITIONS).fill(1000), examples: Array(PARTITIONS).fill(1000) };
const TOPICS = {
  materials: { name: 'materials', partitions: PARTITIONS },
  features: { name: 'features', partitions: PARTITIONS },
  examples: { name: 'examples', partitions: PARTITIONS },
} as unknown as PreparationParts['topics'];

function campaign(name: string, seed: number, members: number): CampaignCreated {
  const ensemble = { ...CONFIG.ensemble, members };
  return { ...createdWith({ name, seed, ensemble }), campaign: name };
}

function openedState(created: CampaignCreated): CampaignState {
  const frozen = freezeData(created, catalogue);
  const basis = { created, catalogue, frozen, partitions: PARTITIONS, selectedBefore: new Set<string>() };
  const frame = { round: 1, pending: [], abandoned: [], featureSchema: 'test', settings: created.configHash };
  const testSet = frozen.testSet;
  const snapshot = finished(createSnapshot(roundContents(basis), { ...frame, testSet, offsets: OFFSETS }));
  const opened = { snapshot, snapshotHash: snapshotHash(created.campaign, snapshot) };
  const rounds = new Map([[1, { opened }]]);
  return { ...initialState(), created, rounds } as unknown as CampaignState;
}

/** A shard that knows these campaigns, each in its first round. */
function shard(...campaigns: readonly CampaignCreated[]) {
  const states = new Map(campaigns.map((created) => [created.campaign, openedState(created)]));
  const freed: string[] = [];
  const regressor = {
    async bin({ rows }: TrainingMatrix) {
      return { train: async () => ({}), release: async () => void freed.push(`${rows} rows`) };
    },
  } as unknown as Regressor;
  const preparation = createRoundPreparation({
    ...{ topics: TOPICS, catalogue, clock: createVirtualClock() },
    states: { state: (name) => states.get(name)! },
    following: { reached: async () => {} },
    regressor,
  });
  const prepare = async (name: string) =>
    (await preparation.prepare(name, 1, states.get(name)!.rounds.get(1)!.opened!.snapshotHash))!;
  return { prepare, states, freed };
}

it('gives each campaign splits of its own, whichever other ones the shard has prepared', async () => {
  const [first, second] = [campaign('first', 1, 2), campaign('second', 2, 4)];
  const alone = await shard(second).prepare('second');
  const both = shard(first, second);
  await both.prepare('first');
  const beside = await both.prepare('second');
  for (const member of [0, 1, 2, 3]) {
    expect(memberRows(beside.labels, member, second.config.sampling)).toEqual(
      memberRows(alone.labels, member, second.config.sampling),
    );
  }
});

it('frees what it keeps of a campaign that has stopped, with the next one that it prepares', async () => {
  const { prepare, states, freed } = shard(campaign('first', 1, 2), campaign('second', 2, 2));
  const round = await prepare('first');
  await round.train({} as TrainingTask);
  await prepare('second');
  expect(await prepare('first')).toBe(round);
  expect(freed).toEqual([]);
  states.set('first', { ...states.get('first')!, stopped: 'labels' } as CampaignState);
  states.set('third', openedState(campaign('third', 3, 2)));
  await prepare('third');
  expect(freed).toEqual([`${round.labels.draws.length} rows`]);
  const again = await prepare('first');
  expect(again).not.toBe(round);
  expect(again.labels).toEqual(round.labels);
});
