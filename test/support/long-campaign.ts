import { configHash } from '../../src/learning/campaign/campaign-decider.ts';
import type { CampaignEvent } from '../../src/learning/campaign/campaign-events.ts';
import { snapshotHash } from '../../src/learning/campaign/round-snapshot.ts';
import { CONFIG, candidateOf, hashOf, snapshotOf } from './campaigns.ts';

/** The events of a campaign in the order in which they occur; every third calculation expires. */
export function* longCampaign({ rounds, batch }: { rounds: number; batch: number }): Generator<CampaignEvent> {
  const writer = 'w1';
  let sequence = 0;
  const authored = () => ({ epoch: 1, writer, sequence: ++sequence });
  yield { type: 'CampaignCreated', campaign: 'test', config: CONFIG, configHash: configHash(CONFIG), sources: ['s'] };
  yield { type: 'EpochClaimed', epoch: 1, writer };
  yield { type: 'SourceCompleted', source: 's', count: 9, hash: hashOf('s') };
  for (let round = 1; round <= rounds; round++) {
    const snapshot = snapshotOf(round, ['a']);
    const hash = snapshotHash('test', snapshot);
    yield { type: 'RoundOpened', snapshot, snapshotHash: hash, ...authored() };
    for (let member = 0; member < CONFIG.ensemble.members; member++) {
      yield { type: 'MemberTrained', round, snapshotHash: hash, member, modelHash: hashOf(`${hash} ${member}`) };
    }
    const candidates = Array.from({ length: batch }, (_, i) => candidateOf(`${round}-${i}`));
    yield { type: 'Selected', round, candidates, metrics: [], ...authored() };
    for (const [i, { calculationId }] of candidates.entries()) {
      if (i % 3 === 0) yield { type: 'CalculationExpired', round, calculationId, ...authored() };
      else yield { type: 'CalculationSettled', round, calculationId, outcome: 'labelled', labelId: calculationId };
    }
    const outcomes = candidates.map((_, i) => (i % 3 === 0 ? ('expired' as const) : ('labelled' as const)));
    yield { type: 'RoundClosed', round, outcomes, ...authored() };
  }
}
