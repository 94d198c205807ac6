import { describe, expect, it } from 'vitest';
import { parseCampaign } from '../../../src/campaign-file/parse-campaign.ts';
import { paperStudy, STUDY_PRESETS } from '../../../src/learning/study/paper-study.ts';

const SETTINGS = { data: 'a.jsonl', members: 20, focus: 'Na', seed: 3 };

describe.each(STUDY_PRESETS)('the %s study', (preset) => {
  const parts = paperStudy({ ...SETTINGS, preset });
  const campaigns = parts.flatMap((part) => part.campaigns);

  it('consists of campaigns that any campaign file could say, each with a name of its own', () => {
    for (const { document, name } of campaigns) {
      const { config, issues } = parseCampaign(document);
      expect(issues).toEqual([]);
      expect(config!.name).toBe(name);
    }
    expect(new Set(campaigns.map(({ name }) => name)).size).toBe(campaigns.length);
  });

  it('asks what the paper asks', () => {
    const configs = campaigns.map(({ document }) => parseCampaign(document).config!);
    expect(new Set(configs.map(({ features }) => features))).toEqual(new Set(['all', 'paper', 'c+s', 'c', 's']));
    expect(new Set(configs.map(({ sampling }) => sampling.model.model))).toEqual(new Set([1, 2, 3]));
    for (const { ensemble } of configs) {
      expect(ensemble).toMatchObject({ members: 20, booster: { trees: 100, featureFraction: 1 } });
    }
  });
});

it("the full study has the paper's pool, batches and limit", () => {
  const loops = paperStudy({ ...SETTINGS, preset: 'full' }).filter(({ id }) => id === 'loop' || id === 'batches');
  const said = loops.flatMap(({ campaigns }) => campaigns.map(({ document }) => document));
  for (const { candidates, stop } of said) {
    expect(candidates).toEqual({ from: 'data', count: 2_432, first: 'Na' });
    expect(stop).toEqual({ labels: 2_400 });
  }
  expect(said.map(({ acquisition }) => acquisition)).toEqual([
    { strategy: 'exploration', batch: 5 },
    { strategy: 'random', batch: 100 },
    ...[25, 50, 100, 200].map((batch) => ({ strategy: 'exploration', batch })),
  ]);
});
