import type { CampaignConfig, ProgramSettings, StopRule } from '../../src/learning/campaign/campaign-config.ts';
import { type CampaignCommand, decide } from '../../src/learning/campaign/campaign-decider.ts';
import type {
  CampaignEvent,
  CampaignFact,
  CampaignStreamEvent,
  SelectedCandidate,
} from '../../src/learning/campaign/campaign-events.ts';
import { type CampaignState, evolve, initialState } from '../../src/learning/campaign/campaign-state.ts';
import { abandonedMaterials, nextStep } from '../../src/learning/campaign/campaign-step.ts';
import { nameExamples, nameIds, type RoundSnapshot, snapshotHash } from '../../src/learning/campaign/round-snapshot.ts';
import { PAPER_DATA_FILTERS } from '../../src/learning/data/data-filters.ts';
import { BOOSTER_PRESETS } from '../../src/model/booster-config.ts';
import { type ContentHash, contentHash } from '../../src/model/content-hash.ts';
import type { MaterialId } from '../../src/model/material-id.ts';

/** A campaign whose calculator needs nobody. */
export interface ProgramConfig extends CampaignConfig {
  readonly calculator: ProgramSettings;
}

export const CONFIG: ProgramConfig = {
  name: 'test',
  seed: 1,
  data: [{ kind: 'file', path: 'elastic.jsonl', labelSet: 'known' }],
  labels: [{ labelSet: 'known' }],
  dataFilters: PAPER_DATA_FILTERS,
  candidates: { from: 'data', count: 6 },
  candidateFilters: { inertGases: false, withoutStructureFeatures: false, polymorphs: false, activeElements: [] },
  features: 'paper',
  targets: ['g_vrh', 'k_vrh'],
  sampling: { model: { model: 2 }, testFraction: 0.2, holdOutFraction: 0.2, trainAcquired: true },
  ensemble: { members: 2, booster: BOOSTER_PRESETS.elastream },
  acquisition: { strategy: 'random', batch: 2, weights: { g_vrh: 1, k_vrh: 1 } },
  stop: {},
  calculator: {
    kind: 'replay',
    mishaps: { failureRate: 0, neverReturningRate: 0, delaySeconds: 0 },
    attempts: 1,
    expireAfterSeconds: 1,
  },
};

export const created = (change: Partial<CampaignConfig> = {}): CampaignCommand => ({
  type: 'CreateCampaign',
  campaign: 'test',
  config: { ...CONFIG, ...change },
  sources: ['elastic.jsonl'],
});

export const hashOf = (text: string): ContentHash => contentHash('test', [text]);

export function snapshotOf(round: number, pool: readonly string[]): RoundSnapshot {
  return {
    round,
    examples: nameExamples([{ labelId: hashOf('label'), featuresHash: hashOf('features') }]),
    testSet: nameIds(['t']),
    poolByPartition: [nameIds(pool), nameIds([])],
    pending: nameIds([]),
    abandoned: nameIds([]),
    featureSchema: 'test-v1',
    settings: hashOf('settings'),
    offsets: { labels: [0, 1] },
  };
}

export const candidateOf = (id: string): SelectedCandidate => ({
  materialId: id as MaterialId,
  materialHash: hashOf(id),
  calculationId: hashOf(`calc-${id}`),
  score: 1,
  mean: [1, 2],
  standardDeviation: [3, 4],
});

export const stateAfter = (events: Iterable<CampaignEvent>, from = initialState()): CampaignState => {
  let state = from;
  for (const event of events) state = evolve(state, event);
  return state;
};

/** The streams of a whole campaign as a correct writer leaves them: the events of each, in order. */
export interface RecordedCampaign {
  readonly campaign: CampaignEvent[];
  readonly facts: Map<string, CampaignFact[]>;
  readonly state: CampaignState;
}

/**
 * Runs a campaign to its end: does each step that nextStep returns.
 * @param pool ids of the candidates @param settle the outcome of a calculation; `never` lets it expire
 * @param raises each replaces the stop rule once the campaign has stopped
 */
export function runCampaign(
  command: CampaignCommand,
  pool: readonly string[],
  settle: (id: string) => 'labelled' | 'rejected' | 'abandoned' | 'never' = () => 'labelled',
  raises: readonly StopRule[] = [],
): RecordedCampaign {
  const campaign: CampaignEvent[] = [];
  const facts = new Map<string, CampaignFact[]>();
  let state = initialState();
  let left = [...pool];
  const fact = (stream: string, event: CampaignFact) => {
    facts.set(stream, [...(facts.get(stream) ?? []), event]);
    state = evolve(state, event);
  };
  const obey = (wanted: CampaignCommand) => {
    for (const event of decide(state, wanted)) {
      campaign.push(event);
      state = evolve(state, event);
    }
  };
  obey(command);
  const writer = 'w1';
  const rules = raises.values();
  for (let step = nextStep(state); ; step = nextStep(state)) {
    if (step.step === 'stopped') {
      const { value: stop, done } = rules.next();
      if (done) break;
      obey({ type: 'RaiseStopRule', writer, stop });
    } else if (step.step === 'claim_epoch') obey({ type: 'ClaimEpoch', writer });
    else if (step.step === 'await_sources') {
      for (const source of step.missing)
        fact(source, { type: 'SourceCompleted', source, count: 9, hash: hashOf(source) });
    } else if (step.step === 'open_round') {
      left = left.filter((id) => !abandonedMaterials(state).includes(id));
      obey({ type: 'OpenRound', writer, snapshot: snapshotOf(step.round, left) });
    } else if (step.step === 'train') {
      const { round, snapshotHash, missing } = step;
      for (const member of missing) {
        const modelHash = hashOf(`${snapshotHash}${member}`);
        fact(`member ${member}`, { type: 'MemberTrained', round, snapshotHash, member, modelHash });
      }
    } else if (step.step === 'select') {
      const { round, size } = step;
      obey({ type: 'SelectCandidates', writer, round, candidates: left.splice(0, size).map(candidateOf), metrics: [] });
    } else if (step.step === 'await_calculations') {
      const { round } = step;
      for (const { materialId, calculationId } of step.open) {
        const outcome = settle(materialId);
        if (outcome === 'never') continue;
        const settled = { type: 'CalculationSettled', round, calculationId, outcome } as const;
        const labelId = hashOf(materialId);
        fact(`material ${materialId}`, outcome === 'labelled' ? { ...settled, labelId } : settled);
      }
      obey({ type: 'ExpireCalculations', writer, round });
    } else if (step.step === 'close_round') obey({ type: 'CloseRound', writer, round: step.round });
    else if (step.step === 'stop') obey({ type: 'StopCampaign', writer });
    else throw new Error(`the campaign waits at ${step.step}`);
  }
  return { campaign, facts, state };
}

/** The stream of the campaign `test` up to the round that selects these candidates. */
export function selectionOf(candidates: readonly SelectedCandidate[]): CampaignStreamEvent[] {
  const authored = (sequence: number) => ({ epoch: 1, writer: 'w1', sequence });
  const snapshot = snapshotOf(1, []);
  const opened = {
    type: 'RoundOpened',
    ...authored(1),
    snapshot,
    snapshotHash: snapshotHash('test', snapshot),
  } as const;
  return [
    ...decide(initialState(), created()),
    { type: 'EpochClaimed', epoch: 1, writer: 'w1' },
    opened,
    { type: 'Selected', ...authored(2), round: 1, candidates, metrics: [] },
  ];
}
