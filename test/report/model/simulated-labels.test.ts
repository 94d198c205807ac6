import { expect, it } from 'vitest';
import type { LabelMethod } from '../../../src/model/label.ts';
import type { ReportedCampaign } from '../../../src/report/model/reported-campaign.ts';
import { hasSimulatedLabels } from '../../../src/report/model/simulated-labels.ts';
import { CONFIG, candidateOf } from '../../support/campaigns.ts';

const label = (kind: LabelMethod['kind']) => ({ method: { kind } });

/** A campaign in its first round, by the kinds of what it trains on and of what came since. */
function campaign(
  calculator: 'simulated' | 'replay',
  trained: readonly LabelMethod['kind'][],
  came?: LabelMethod['kind'],
) {
  const config = { ...CONFIG, calculator: { ...CONFIG.calculator, kind: calculator } };
  const rounds = [{ round: 1, selected: { candidates: [candidateOf('a')] } }];
  return {
    history: { created: { config }, rounds },
    contents: () => ({ examples: trained.map((kind) => ({ label: label(kind) })) }),
    ending: () => came && { at: '', label: label(came) },
  } as unknown as ReportedCampaign;
}

it('says so only where something was simulated', () => {
  expect(hasSimulatedLabels(campaign('simulated', ['dft', 'dft']))).toBe(false);
  expect(hasSimulatedLabels(campaign('simulated', ['dft'], 'dft'))).toBe(false);
  expect(hasSimulatedLabels(campaign('simulated', ['dft'], 'simulated'))).toBe(true);
  expect(hasSimulatedLabels(campaign('replay', ['dft', 'simulated']))).toBe(true);
});
