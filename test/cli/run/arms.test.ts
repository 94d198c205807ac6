import { expect, it } from 'vitest';
import { armsOf } from '../../../src/cli/run/arms.ts';
import { otherStrategy } from '../../../src/learning/campaign/campaign-config.ts';
import { CONFIG } from '../../support/campaigns.ts';

const config = { ...CONFIG, name: 'steel', seed: 7, acquisition: otherStrategy(CONFIG.acquisition, 'exploration') };

it('runs each strategy once with each seed, the campaign itself first', () => {
  const acquisition = { strategy: 'exploration', batch: 5, beta: 2, weights: { g_vrh: 2 } };
  const arms = armsOf({
    config,
    document: { acquisition, features: 'c' },
    compare: ['random', 'ucb', 'random', 'exploration'],
    seeds: 2,
  });
  expect(arms.map(({ config: { name, seed, acquisition } }) => [name, seed, acquisition.strategy])).toEqual([
    ['steel', 7, 'exploration'],
    ['steel-random', 7, 'random'],
    ['steel-ucb', 7, 'ucb'],
    ['steel-seed-8', 8, 'exploration'],
    ['steel-random-seed-8', 8, 'random'],
    ['steel-ucb-seed-8', 8, 'ucb'],
  ]);
  expect(arms[0]).toEqual({ config, document: { acquisition, features: 'c', name: 'steel', seed: 7 } });
  expect(arms[5]!.document).toEqual({
    ...{ features: 'c', name: 'steel-ucb-seed-8', seed: 8 },
    acquisition: { strategy: 'ucb', batch: 5, weights: { g_vrh: 2 } },
  });
  expect(arms[2]!.config.acquisition).toEqual({
    strategy: 'ucb',
    beta: 1,
    batch: config.acquisition.batch,
    weights: config.acquisition.weights,
  });
});
