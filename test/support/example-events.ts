import type { CampaignConfig } from '../../src/learning/campaign/campaign-config.ts';
import { configHash } from '../../src/learning/campaign/campaign-decider.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type {} from '../../src/model/events.ts';
import type { Label } from '../../src/model/label.ts';
import { createLattice } from '../../src/model/lattice.ts';
import type { Material } from '../../src/model/material.ts';
import type { MaterialFacts } from '../../src/model/material-facts.ts';
import type { MaterialId } from '../../src/model/material-id.ts';
import { createStructure } from '../../src/model/structure.ts';
import type { DomainEvent } from '../../src/protocol/domain-event.ts';

const hash = (digit: string): ContentHash => `h1:${digit.repeat(64)}`;
const materialId = 'mp-Ångström-鉄' as MaterialId;

const material: Material = {
  id: materialId,
  structure: createStructure(
    createLattice([2.87, 0, 0, 0, 2.87, 0, 0, -0, 2.87]),
    [26, 13],
    [0, -0, 1 / 3, 0.5, 0.5, 2 ** -53],
  ),
  spaceGroup: 221,
  bandGap: 0,
  formationEnergyPerAtom: -0.25,
  energyAboveHull: Number.NaN,
};
const label: Label = {
  id: hash('1'),
  materialId,
  materialHash: hash('2'),
  labelSet: 'known',
  method: { kind: 'dft', code: 'VASP 5.4.4', functional: 'PBE', relaxedIon: false },
  provenance: 'elastic.jsonl, line 17',
  values: { g_vrh: 81.7, k_vrh: -168.25 },
  tensor: Float64Array.from({ length: 36 }, (_, i) => i / 7),
};
const bareLabel: Label = {
  id: hash('1'),
  materialId: 'mp-1' as MaterialId,
  materialHash: hash('2'),
  labelSet: 'campaign:first',
  method: { kind: 'replay' },
  provenance: '',
  values: { k_vrh: 170 },
};
const facts: MaterialFacts = {
  materialId,
  materialHash: hash('2'),
  elements: Uint8Array.of(13, 26),
  reducedFormula: 'AlFe',
  siteCount: 2,
};
const config: CampaignConfig = {
  name: 'first',
  seed: 7,
  data: [{ kind: 'file', path: 'elastic.jsonl', labelSet: 'known' }],
  labels: [{ labelSet: 'known', methods: ['dft'] }],
  dataFilters: {
    negativeModuli: true,
    aboveBothGpa: { g_vrh: 700, k_vrh: 500 },
    inertGases: true,
    radioactiveElements: true,
  },
  candidates: { from: 'files', paths: ['鉄.cif'] },
  candidateFilters: { inertGases: true, withoutStructureFeatures: false, polymorphs: true, activeElements: ['Li'] },
  features: 'paper',
  targets: ['g_vrh', 'k_vrh'],
  sampling: {
    model: { model: 3, trainFromGpa: { g_vrh: 200 } },
    testFraction: 0.2,
    holdOutFraction: 0.2,
    trainAcquired: true,
  },
  ensemble: {
    members: 20,
    booster: { trees: 100, leavesMax: 31, learningRate: 0.1, featureFraction: 0.3, binsMax: 63, rowsPerLeafMin: 20 },
  },
  acquisition: { strategy: 'exploration', batch: 50, weights: { g_vrh: 1, k_vrh: 0.5 } },
  stop: { labels: 500 },
  calculator: {
    kind: 'replay',
    mishaps: { failureRate: 0.1, neverReturningRate: 0, delaySeconds: 0 },
    attempts: 3,
    expireAfterSeconds: 60,
  },
};
const round = { campaign: 'first', round: 3, snapshotHash: hash('3') };
const authored = { epoch: 2, writer: 'node-b', sequence: 41 };
const calculation = { calculationId: hash('4'), materialId };

/** Each type of event as its producer creates it: complete, and again without its optional parts. */
export const EXAMPLE_EVENTS: readonly DomainEvent[] = [
  { type: 'MaterialIngested', source: 'elastic.jsonl', material, materialHash: hash('2') },
  {
    type: 'MaterialIngested',
    source: 's',
    material: { id: 'mp-1' as MaterialId, structure: material.structure },
    materialHash: hash('2'),
  },
  { type: 'LabelIngested', source: 'elastic.jsonl', label },
  { type: 'LabelIngested', source: 'campaign:first', label: bareLabel },
  { type: 'SourcePartitionCompleted', source: 'elastic.jsonl', partition: 63, count: 0, hash: hash('5') },
  {
    type: 'StructureFeaturized',
    source: 'elastic.jsonl',
    facts: { ...facts, bandGap: 0.5, formationEnergyPerAtom: -1, energyAboveHull: 0 },
    featuresHash: hash('6'),
    vector: Float64Array.of(1.5, Number.NaN, -0, 1e-300),
  },
  { type: 'StructureFeaturized', source: 's', facts, featuresHash: hash('6'), vector: new Float64Array(0) },
  {
    type: 'ExampleFormed',
    source: 'elastic.jsonl',
    label: bareLabel,
    facts,
    featuresHash: hash('6'),
    vector: Float64Array.of(1.5, Number.NaN),
  },
  { type: 'TrainMember', ...round, member: 0, parkings: 0 },
  {
    type: 'MemberTrained',
    ...round,
    member: 19,
    modelHash: hash('7'),
    targets: [
      {
        target: 'g_vrh',
        model: '8'.repeat(64),
        treesHash: hash('9'),
        trainingRows: 800,
        heldOutRows: Int32Array.of(0, 7, 2 ** 31 - 1),
        heldOutPredictions: Float64Array.of(80.5, Number.NaN, -0),
        heldOut: { mae: 1.5, rmse: 2.5, r2: 0.75 },
      },
      {
        target: 'k_vrh',
        model: 'a'.repeat(64),
        treesHash: hash('b'),
        trainingRows: 0,
        heldOutRows: new Int32Array(0),
        heldOutPredictions: new Float64Array(0),
        heldOut: { mae: Number.NaN, rmse: Number.NaN, r2: Number.NaN },
      },
    ],
    engine: 'x64, Node 20, LightGBM 4.6.0, 0.1.0',
    seconds: 1.25,
  },
  { type: 'PredictionsStored', ...round, partition: 0 },
  {
    type: 'CalculationRequested',
    ...calculation,
    materialHash: hash('2'),
    recipe: '{"kind":"replay"}',
    attemptsMax: 3,
    labelSet: 'campaign:first',
    parkings: 0,
  },
  { type: 'CalculationAttemptFailed', ...calculation, attempt: 1, reason: 'not converged' },
  { type: 'CalculationAbandoned', ...calculation, attempts: 3, reason: '' },
  {
    type: 'ResultReceived',
    ...calculation,
    attempt: 2,
    materialHash: hash('2'),
    labelSet: 'campaign:first',
    method: { kind: 'simulated', relaxedIon: true },
    values: { g_vrh: Number.NaN, k_vrh: Number.POSITIVE_INFINITY },
    tensor: new Float64Array(36).fill(Number.NaN),
  },
  {
    type: 'ResultReceived',
    ...calculation,
    attempt: 3,
    materialHash: hash('2'),
    labelSet: 'campaign:first',
    method: { kind: 'dft' },
    values: {},
  },
  {
    type: 'InputRejected',
    id: hash('c'),
    rejection: {
      code: 'bad_number',
      message: 'g_vrh is NaN',
      source: 'a.jsonl',
      locator: 'line 17',
      materialId: 'mp-1',
    },
    calculationId: hash('4'),
  },
  { type: 'InputRejected', id: hash('c'), rejection: { code: 'bad_message', message: '', source: '-' } },
  {
    type: 'CampaignCreated',
    campaign: 'first',
    config,
    configHash: configHash(config),
    sources: ['elastic.jsonl', '鉄'],
  },
  { type: 'EpochClaimed', epoch: 1, writer: 'node-a' },
  {
    type: 'RoundOpened',
    ...authored,
    snapshot: {
      round: 3,
      examples: { count: 1181, hash: hash('d') },
      testSet: { count: 200, hash: hash('e') },
      poolByPartition: [
        { count: 0, hash: hash('f') },
        { count: 12, hash: hash('0') },
      ],
      pending: { count: 0, hash: hash('f') },
      abandoned: { count: 1, hash: hash('1') },
      featureSchema: 'paper-v1',
      settings: configHash(config),
      offsets: { 'elastream.labels.v1': [0, 2 ** 40], 'elastream.materials.v1': [] },
    },
    snapshotHash: hash('3'),
  },
  {
    type: 'Selected',
    ...authored,
    round: 3,
    candidates: [
      { ...calculation, materialHash: hash('2'), score: 1.75, mean: [80, 170.5], standardDeviation: [4, 0.125] },
    ],
    metrics: [
      {
        target: 'k_vrh',
        subset: 'candidates',
        rows: 12,
        count: 0,
        mae: Number.NaN,
        rmse: Number.NaN,
        r2: Number.NaN,
        maeStandardDeviation: Number.NaN,
        memberMae: Number.NaN,
        memberR2: Number.NaN,
        memberR2StandardDeviation: Number.NaN,
        standardDeviationMean: 3.5,
        standardDeviationHistogram: [0, 2, 10],
        standardDeviationBin: 0.5,
      },
    ],
  },
  { type: 'Selected', ...authored, round: 3, candidates: [], metrics: [] },
  { type: 'CalculationExpired', ...authored, round: 3, calculationId: hash('4') },
  { type: 'RoundClosed', ...authored, round: 3, outcomes: ['labelled', 'rejected', 'abandoned', 'expired'] },
  { type: 'CampaignStopped', ...authored, reason: 'empty_pool' },
  { type: 'CampaignPaused', ...authored },
  { type: 'CampaignResumed', ...authored },
  { type: 'CampaignParked', ...authored, reason: 'the model store is full' },
  { type: 'TrainMember', ...round, member: 4, parkings: 2 },
  { type: 'MemberFailed', ...round, member: 4, parkings: 2, reason: 'the model store is full' },
  { type: 'CalculationHalted', ...calculation, parkings: 1, reason: 'the disk of the calculator is full' },
  {
    type: 'CalculationRequested',
    ...calculation,
    materialHash: hash('2'),
    recipe: '{"kind":"replay"}',
    attemptsMax: 3,
    labelSet: 'campaign:first',
    parkings: 2,
  },
  {
    type: 'ExampleFormed',
    source: 'elastic.jsonl',
    label: bareLabel,
    facts,
    featuresHash: hash('6'),
    vector: Float64Array.of(1.5),
    featureSchema: 'paper-v1',
  },
  { type: 'StopRuleRaised', ...authored, stop: { labels: 300 } },
  {
    type: 'LabelIngested',
    source: 'gaps',
    label: {
      ...{ ...bareLabel, values: { k_vrh: 170, band_gap: 1.25, magnetic: 0 } },
      ...{ units: { band_gap: 'eV', magnetic: '' }, deformationsHash: hash('d') },
    },
  },
  {
    type: 'StructureFeaturized',
    ...{ source: 's', facts, featuresHash: hash('6'), vector: Float64Array.of(1.5) },
    fidelities: [
      { method: { kind: 'simulated', code: 'a potential' }, values: { e_form: -1.5 }, units: { e_form: 'eV' } },
    ],
  },
  {
    type: 'ResultReceived',
    ...{ ...calculation, attempt: 4, materialHash: hash('2'), labelSet: 'campaign:first' },
    method: { kind: 'dft' },
    values: {},
    deformations: [
      {
        gradient: Float64Array.of(1.01, 0, 0, 0, 1, 0, 0, 0, 1),
        stress: Float64Array.of(-1.5, -0.5, -0.5, 0, 0, 0),
        provenance: 'def 1',
      },
    ],
  },
  {
    type: 'Selected',
    ...{ ...authored, round: 4, candidates: [] },
    metrics: [
      {
        subset: 'test',
        ...{ target: 'band_gap', rows: 2, count: 2, mae: 0.5, rmse: 0.5, r2: 0, maeStandardDeviation: 0 },
        ...{ memberMae: 0.5, memberR2: 0, memberR2StandardDeviation: 0, standardDeviationMean: 0.25 },
        ...{ standardDeviationHistogram: [1, 1], standardDeviationBin: 0.25 },
      },
    ],
  },
];
