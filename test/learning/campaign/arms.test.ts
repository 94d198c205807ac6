import { expect, it } from 'vitest';
import { armsOf } from '../../../src/learning/campaign/arms.ts';
import { otherStrategy } from '../../../src/learning/campaign/campaign-config.ts';
import { CONFIG } from '../../support/campaigns.ts';

const config = { ...CONFIG, name: 'steel', seed: 7, acquisition: otherStrategy(CONFIG.acquisition, 'exploration') };

it('runs each strategy once with each seed, the campaign itself first', () => {
  const arms = armsOf({
    config,
    compare: ['random', 'ucb', 'random', 'exploration'],
    seeds: 2,
  });
  expect(arms.map(({ name, seed, acquisition }) => [name, seed, acquisition.strategy])).toEqual([
    ['steel', 7, 'exploration'],
    ['steel-random', 7, 'random'],
    ['steel-ucb', 7, 'ucb'],
    ['steel-seed-8', 8, 'exploration'],
    ['steel-random-seed-8', 8, 'random'],
    ['steel-ucb-seed-8', 8, 'ucb'],
  ]);
  expect(arms[0]).toEqual(config);
  expect(arms[2]!.acquisition).toEqual({
    strategy: 'ucb',
    beta: 1,
    batch: config.acquisition.batch,
    weights: config.acquisition.weights,
  });
});
