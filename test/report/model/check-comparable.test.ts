import { describe, expect, it } from 'vitest';
import type { CampaignConfig } from '../../../src/learning/campaign/campaign-config.ts';
import { checkComparable } from '../../../src/report/model/check-comparable.ts';
import { CONFIG } from '../../support/campaigns.ts';
import { createdWith } from '../../support/catalogues.ts';

const at = '2026-03-01T00:00:00.000Z';

/** A campaign named `name` that differs from the others in `change`. */
function campaign(name: string, change: Partial<CampaignConfig> = {}) {
  const created = { ...createdWith({ ...change, name }), campaign: name };
  return { created, createdAt: at, lastAt: at, rounds: [], stopRule: created.config.stop };
}

describe('checkComparable', () => {
  const { acquisition } = CONFIG;
  const other = acquisition.strategy === 'random' ? 'exploration' : 'random';
  const differing = { acquisition: { ...acquisition, strategy: other } } as const;

  it('lets strategies and seeds stand beside each other', () => {
    const campaigns = [campaign('a'), campaign('b', differing), campaign('c', { seed: 7 })];
    expect(() => checkComparable(campaigns, ['a', 'b', 'c'])).not.toThrow();
    expect(() => checkComparable([], [])).not.toThrow();
  });

  it('names what else differs, and what there is to choose from', () => {
    const batch = { acquisition: { ...acquisition, batch: acquisition.batch + 1 } };
    expect(() => checkComparable([campaign('a'), campaign('b', batch)], ['b', 'a', 'c'])).toThrow(
      /a and b differ in acquisition, .* strategy or seed alone, with --campaign \(a, b, c\)/,
    );
  });

  it('asks for one of two that are the same', () => {
    expect(() => checkComparable([campaign('a'), campaign('b')], ['a', 'b'])).toThrow(
      /a and b have the same strategy and seed: name one of them/,
    );
  });
});
