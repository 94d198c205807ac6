import { describe, expect, it } from 'vitest';
import type { CampaignConfig } from '../../../src/learning/campaign/campaign-config.ts';
import { type CampaignProspects, hopelessness } from '../../../src/learning/campaign/campaign-prospects.ts';
import { CONFIG } from '../../support/campaigns.ts';

const HOPEFUL: CampaignProspects = {
  labelled: 200,
  kept: 190,
  dropped: { data: { negative_modulus: 10 }, candidates: {} },
  criteria: [],
  test: 40,
  reserve: 0,
  training: 90,
  candidates: 60,
  fewest: { target: 'k_vrh', member: 2, rows: 70, known: 90 },
};

function reason(changed: Partial<CampaignProspects>, settings: Partial<CampaignConfig> = {}) {
  return hopelessness({ ...HOPEFUL, ...changed }, { ...CONFIG, ...settings });
}

describe('hopelessness', () => {
  it('is not where every member can split', () => {
    expect(reason({})).toBeUndefined();
    expect(reason({ fewest: { ...HOPEFUL.fewest, rows: 40 } })).toBeUndefined();
  });

  it('names the remedy that fits where candidates come from', () => {
    const files = { candidates: { from: 'files', paths: ['cands.jsonl'] } } as const;
    expect(reason({ candidates: 0 }, files)).toBe(
      'there is no candidate to choose: cands.jsonl hold none that data does not label: name other files',
    );
    const dropped = { data: {}, candidates: { many_sites: 3, above_hull: 1 } };
    expect(reason({ candidates: 0, dropped }, files)).toMatch(
      /\(left out: many_sites 3, above_hull 1\): name other files or relax candidate_filters$/,
    );
    const fraction = { candidates: { from: 'data', fraction: 0.001 } } as const;
    expect(reason({ candidates: 0 }, fraction)).toMatch(/of the 150 labelled materials .*: raise candidates.fraction$/);
    const few = { fewest: { ...HOPEFUL.fewest, rows: 39 } };
    expect(reason(few, files)).toBe(
      'member 2 would train k_vrh on 39 of 90 labels, and no tree splits fewer than 40, twice ' +
        'ensemble.booster.min_data_in_leaf: set that to 9 or less, lower sampling.test_fraction, lower ' +
        'sampling.hold_out_fraction, or bring more labels',
    );
    expect(reason(few, fraction)).toMatch(/9 or less, lower candidates.fraction, lower sampling.test_fraction, /);
  });

  it('says which filter left nothing', () => {
    expect(reason({ kept: 0, dropped: { data: { inert_gas: 200 }, candidates: {} } })).toBe(
      'the filters leave none of 200 labels (inert_gas 200): relax data_filters, or correct data or targets',
    );
  });
});
