import { describe, expect, it } from 'vitest';
import {
  collectRankings,
  rankRequest,
  roundModels,
  roundSelection,
  selectCandidates,
} from '../../../services/acquisition/round-selection.ts';
import { aggregateScores } from '../../../src/learning/acquisition/score-aggregates.ts';
import type { CampaignCreated } from '../../../src/learning/campaign/campaign-events.ts';
import { memberModel } from '../../../src/learning/ensemble/member-models.ts';
import type { MemberTrained } from '../../../src/model/events.ts';
import { calculationId } from '../../../src/model/recipe.ts';
import type {
  PartitionRanking,
  RankedCandidate,
  RankRequest,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { toAggregatesMessage } from '../../../src/protocol/rank-messages.ts';
import { createTrainedMembers } from '../../../src/reading/trained-members.ts';
import { created, hashOf, runCampaign, stateAfter } from '../../support/campaigns.ts';
import { createdWith } from '../../support/catalogues.ts';
import { SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

const SNAPSHOT = hashOf('snapshot');
const MODELS = [hashOf('model 0'), hashOf('model 1')];
const CREATED: CampaignCreated = createdWith({ targets: ['g_vrh'] });
const REQUEST = { campaign: 'test', round: 1, snapshotHash: SNAPSHOT, partitions: [0, 1, 2] } as unknown as RankRequest;

function candidate(id: string, score: number): RankedCandidate {
  const numbers = { mean: [score], standardDeviation: [1], memberPredictions: [score, score] };
  return { materialId: id, materialHash: hashOf(id), score, ...numbers, sampled: [], position: [] };
}

function ranking(partition: number, change: Partial<PartitionRanking> = {}): PartitionRanking {
  const aggregates = [toAggregatesMessage('g_vrh', aggregateScores(Float64Array.of(1, 2), 2, [partition]))];
  return {
    ...{ partition, snapshotHash: SNAPSHOT, modelHashes: MODELS, candidates: [] },
    ...{ candidatesAggregates: aggregates, testAggregates: aggregates, measuredRows: [], awaited: [], best: [] },
    ...change,
  };
}

async function* answering(...answers: PartitionRanking[]) {
  yield* answers;
}
const collect = (...answers: PartitionRanking[]) => collectRankings(REQUEST, MODELS, answering(...answers));

describe('collecting rankings', () => {
  it('gives one answer per partition, in their order, whoever answers first', async () => {
    const answers = [ranking(2), ranking(0), ranking(1)];
    expect((await collect(...answers)).map(({ partition }) => partition)).toEqual([0, 1, 2]);
  });

  it('takes the first answer of a partition that answers twice', async () => {
    const second = ranking(0, { candidates: [candidate('late', 1)] });
    const [first] = await collect(ranking(0), second, ranking(1), ranking(2));
    expect(first!.candidates).toEqual([]);
  });

  it('asks again where a partition has not answered', async () => {
    await expect(collect(ranking(0), ranking(2))).rejects.toMatchObject({
      ...{ code: 'unavailable', retryable: true, message: expect.stringContaining('partitions 1') },
    });
  });

  it.each([
    ['another snapshot', { snapshotHash: hashOf('other') }],
    ['another model', { modelHashes: [MODELS[0]!, hashOf('other')] }],
    ['its models in another order', { modelHashes: MODELS.toReversed() }],
    ['fewer models', { modelHashes: MODELS.slice(1) }],
  ])('refuses an answer from %s', async (_, change) => {
    const answers = collect(ranking(0), ranking(1, change), ranking(2));
    await expect(answers).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('partition 1') });
  });
});

describe('selecting candidates', () => {
  const rankings = [
    ranking(0, { candidates: [candidate('a', 3), candidate('b', 1)] }),
    ranking(1, { candidates: [candidate('d', 2), candidate('c', 2)] }),
    ranking(2),
  ];

  it('takes the best of all partitions, equals by the bytes of their ids', () => {
    const { candidates } = selectCandidates(CREATED, rankings, { round: 1, size: 3 });
    expect(candidates.map(({ materialId }) => materialId)).toEqual(['a', 'c', 'd']);
    expect(candidates[0]).toMatchObject({ materialHash: hashOf('a'), score: 3, mean: [3], standardDeviation: [1] });
  });

  it('names a calculation by material version and recipe, which belongs to the campaign', () => {
    const [first] = selectCandidates(CREATED, rankings, { round: 1, size: 1 }).candidates;
    const [other] = selectCandidates({ ...CREATED, campaign: 'other' }, rankings, { round: 1, size: 1 }).candidates;
    expect(first!.calculationId).not.toBe(other!.calculationId);
    expect(first!.calculationId).not.toBe(calculationId(hashOf('a'), '{}'));
  });

  it('measures candidates and test set over all partitions, also where nothing is selected', () => {
    const { candidates, metrics } = selectCandidates(CREATED, rankings, { round: 1, size: 0 });
    expect(candidates).toEqual([]);
    expect(metrics.map(({ target, subset, rows, count }) => [target, subset, rows, count])).toEqual([
      ['g_vrh', 'candidates', 3, 3],
      ['g_vrh', 'test', 3, 3],
    ]);
    // The ensemble says 1.5; the truths are 0, 1 and 2.
    expect(metrics[0]!.mae).toBeCloseTo((1.5 + 0.5 + 0.5) / 3, 12);
  });
});

describe('a round that ends the campaign by its models', () => {
  const row = (materialId: string, subset: string, error: number) => ({
    ...{ materialId, subset, group: '', mean: [10 + error], standardDeviation: [1], actual: [10] },
  });
  const reserve = Array.from({ length: 40 }, (_, i) => row(`r${i}`, 'reserve', i % 2 === 0 ? 1 : -1));
  const rankings = [
    ranking(0, { candidates: [candidate('a', 3)], measuredRows: [...reserve, row('t', 'test', 99)], best: [50] }),
    ranking(1, { candidates: [candidate('b', 2)], best: [50] }),
  ];
  const stateWith = (stop: object) => {
    const { campaign } = runCampaign(created({ targets: ['g_vrh'], stop: { rounds: 1 } }), ['a', 'b']);
    const opened = campaign.findIndex(({ type }) => type === 'RoundOpened');
    const state = stateAfter(campaign.slice(0, opened + 1));
    return { ...state, created: { ...state.created!, config: { ...state.created!.config, stop } } };
  };
  const select = (stop: object) => roundSelection(stateWith(stop), rankings, undefined, { round: 1, size: 2 });

  it('selects nothing, and says by which figure; only the reserve counts', () => {
    const { candidates, stopFigures } = select({ below: { mae: { g_vrh: 1.01 } } });
    expect(candidates).toEqual([]);
    expect(stopFigures).toEqual([{ figure: 'mae', target: 'g_vrh', value: 1 }]);
  });

  it('selects as ever where the figure is not below its limit, or where no rule asks for it', () => {
    expect(select({ below: { errors: { g_vrh: 1 } } })).toMatchObject({
      candidates: [{ materialId: 'a' }, { materialId: 'b' }],
      stopFigures: [{ figure: 'errors', value: expect.closeTo(1, 12) }],
    });
    expect(select({ labels: 9 })).not.toHaveProperty('stopFigures');
  });
});

describe('a request to rank', () => {
  const { campaign } = runCampaign(created({ stop: { rounds: 1 } }), ['a', 'b']);

  it('names the accepted models, members ascending', () => {
    const opened = campaign.findIndex(({ type }) => type === 'RoundOpened');
    const state = stateAfter(campaign.slice(0, opened + 1));
    const { snapshotHash } = state.rounds.get(1)!.opened!;
    const told = [0, 1].map((member) => {
      const of = { campaign: state.created!.campaign, round: 1, snapshotHash, member };
      return { type: 'MemberTrained', ...of, modelHash: MODELS[member]!, targets: [] } as unknown as MemberTrained;
    });
    const trained = createTrainedMembers(SIMULATED_TOPICS.members, memberModel);
    trained.keep(told[0]!);
    const models = () => roundModels(state, 1, trained);
    expect(models).toThrow(expect.objectContaining({ code: 'internal', message: expect.stringContaining('member 1') }));
    // A later one of another hash, and one beyond the ensemble, are none of its models.
    for (const event of [told[1]!, { ...told[0]!, modelHash: hashOf('later') }, { ...told[0]!, member: 2 }]) {
      trained.keep(event);
    }
    expect(models().map(({ modelHash }) => modelHash)).toEqual(MODELS);
  });

  it('asks each partition for as many as may be selected, for none in the last round', () => {
    const ask = (size: number) =>
      rankRequest(
        CREATED,
        { number: 1, snapshotHash: SNAPSHOT, partitions: 3 },
        [{ member: 0, modelHash: MODELS[0]!, targets: [] }],
        new Map([['NaCl', -2]]),
        size,
      );
    expect(ask(2)).toMatchObject({
      ...{ campaign: 'test', round: 1, partitions: [0, 1, 2], keep: 2, models: [{ member: 0, targets: [] }] },
      lowestPolymorphs: [{ reducedFormula: 'NaCl', formationEnergyPerAtom: -2 }],
    });
    expect(ask(0).keep).toBe(0);
  });
});
