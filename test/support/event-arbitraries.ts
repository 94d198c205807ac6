import fc from 'fast-check';
import type { Interval } from '../../src/kernels/calibration/bootstrap-interval.ts';
import {
  type Covered,
  type LevelCoverage,
  type LevelQuantile,
  MEASURED_SUBSETS,
  type RoundUncertainty,
  type TargetCalibration,
  type UncertaintyMetrics,
} from '../../src/learning/acquisition/uncertainty-metrics.ts';
import type { CampaignConfig, StopRule } from '../../src/learning/campaign/campaign-config.ts';
import { configHash } from '../../src/learning/campaign/campaign-decider.ts';
import {
  SETTLED_OUTCOMES,
  type SelectedCandidate,
  type SubsetMetrics,
} from '../../src/learning/campaign/campaign-events.ts';
import type { NamedSet, RoundSnapshot } from '../../src/learning/campaign/round-snapshot.ts';
import { FIGURES, type StopFigure } from '../../src/learning/campaign/stop-figures.ts';
import { STOP_REASONS, THRESHOLDS } from '../../src/learning/campaign/stop-rule.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type { Deformation } from '../../src/model/deformation.ts';
import type { ResultReceived, TrainedTarget } from '../../src/model/events.ts';
import { type Label, type LabelMethod, METHOD_KINDS } from '../../src/model/label.ts';
import type { Material } from '../../src/model/material.ts';
import type { MaterialFacts } from '../../src/model/material-facts.ts';
import { materialHash } from '../../src/model/material-hash.ts';
import type { MaterialId } from '../../src/model/material-id.ts';
import { REJECTION_CODES, type Rejection } from '../../src/model/rejection.ts';
import { type MeasuredValues, MODULI, measuredValues } from '../../src/model/target.ts';
import type { DomainEvent } from '../../src/protocol/domain-event.ts';
import { CONFIG } from './campaigns.ts';
import { randomCells } from './random-crystals.ts';

type EventOf<T extends DomainEvent['type']> = Extract<DomainEvent, { type: T }>;
type Model<T> = { readonly [K in keyof T]-?: fc.Arbitrary<Exclude<T[K], undefined>> };

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const name = text.filter((given) => given !== '');
const id = name
  .map((given) => given.normalize('NFC') as MaterialId)
  .filter((given) => !/\p{Cc}/u.test(given) && Buffer.byteLength(given) <= 128);
const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): ContentHash => `h1:${Buffer.from(bytes).toString('hex')}`);
// A single -0 is decoded as 0.
const number = fc.double().map((x) => x + 0);
const numbers = fc.array(fc.double(), { maxLength: 12 });
const floats = numbers.map((values) => Float64Array.from(values));
const index = fc.nat(2 ** 31 - 1);
const count = fc.oneof(index, fc.constantFrom(0, 2 ** 32 - 1));
const elements = fc
  .uniqueArray(fc.integer({ min: 1, max: 118 }), { maxLength: 5 })
  .map((all) => Uint8Array.from(all).sort());
const target = fc.constantFrom(...MODULI, 'band_gap', 'e2');
const tensor = floatsOf(36);
const method = record<LabelMethod>(
  { kind: fc.constantFrom(...METHOD_KINDS), code: text, functional: text, relaxedIon: fc.boolean() },
  ['code', 'functional', 'relaxedIon'],
);
const measured = fc
  .uniqueArray(fc.record({ target, value: number, unit: fc.oneof(fc.constantFrom('GPa', ''), text) }), {
    selector: (value) => value.target,
  })
  .map(measuredValues);
const fidelities = fc.array(withValues(record<{ method: LabelMethod }>({ method })), { minLength: 1, maxLength: 3 });
const deformations = fc.array(record<Deformation>({ gradient: floatsOf(9), stress: floatsOf(6), provenance: text }), {
  minLength: 1,
  maxLength: 3,
});
const energies = { bandGap: number, formationEnergyPerAtom: number, energyAboveHull: number };
const ENERGIES = ['bandGap', 'formationEnergyPerAtom', 'energyAboveHull'] as const;

const material = record<Material>({ id, structure: randomCells, spaceGroup: count, ...energies }, [
  'spaceGroup',
  ...ENERGIES,
]);
const label = withValues(
  record<Omit<Label, keyof MeasuredValues>>(
    {
      ...{ id: hash, materialId: id, materialHash: hash, labelSet: name, method, provenance: text, tensor },
      deformationsHash: hash,
      supersedes: hash,
    },
    ['tensor', 'deformationsHash', 'supersedes'],
  ),
);
const facts = record<MaterialFacts>(
  { materialId: id, materialHash: hash, elements, reducedFormula: text, siteCount: count, ...energies },
  ENERGIES,
);
const trained = fc
  .tuple(target, hash, hash, count, fc.array(fc.tuple(index, fc.double()), { maxLength: 8 }))
  .map(([of, model, treesHash, trainingRows, rows]): TrainedTarget => {
    const heldOutRows = Int32Array.from(rows, ([row]) => row);
    const heldOutPredictions = Float64Array.from(rows, ([, predicted]) => predicted);
    const heldOut = { mae: Number.NaN, rmse: 1.5, r2: rows.length };
    return { target: of, model: model.slice(3), treesHash, trainingRows, heldOutRows, heldOutPredictions, heldOut };
  });
const rejection = record<Rejection>(
  { code: fc.constantFrom(...REJECTION_CODES), message: text, source: text, locator: text, materialId: text },
  ['locator', 'materialId'],
);
const set = record<NamedSet>({ count, hash });
const offsets = fc.dictionary(name, fc.array(fc.nat(Number.MAX_SAFE_INTEGER), { maxLength: 4 }), { maxKeys: 3 });
const snapshot = record<RoundSnapshot>(
  {
    round: count,
    examples: set,
    testSet: set,
    poolByPartition: fc.array(set, { maxLength: 4 }),
    pending: set,
    abandoned: set,
    featureSchema: name,
    settings: hash,
    offsets: offsets.map((topics) => ({ ...topics })),
    reserve: set,
  },
  ['reserve'],
);
const candidate = record<SelectedCandidate>({
  materialId: id,
  materialHash: hash,
  calculationId: hash,
  score: number,
  mean: numbers,
  standardDeviation: numbers,
});
const metrics = record<SubsetMetrics>({
  target,
  subset: fc.constantFrom('candidates' as const, 'test' as const),
  rows: count,
  count,
  mae: number,
  rmse: number,
  r2: number,
  maeStandardDeviation: number,
  memberMae: number,
  memberR2: number,
  memberR2StandardDeviation: number,
  standardDeviationMean: number,
  standardDeviationHistogram: fc.array(count, { maxLength: 81 }),
  standardDeviationBin: fc.oneof(fc.constant(0.5), number),
});
const interval = record<Interval>({ low: number, high: number });
const within = record<Covered>({ inside: count, width: number });
const uncertainty = record<RoundUncertainty>({
  calibrations: fc.array(
    record<TargetCalibration>({
      ...{ target, group: text, count, scale: number, scaleInterval: interval },
      quantiles: fc.array(record<LevelQuantile>({ level: number, quantile: number }), { maxLength: 3 }),
    }),
    { maxLength: 2 },
  ),
  metrics: fc.array(
    fc
      .tuple(
        record<Omit<UncertaintyMetrics, 'scaledMeanSquaredZ' | 'scaledMeanSquaredZInterval'>>({
          ...{ target, subset: fc.constantFrom(...MEASURED_SUBSETS), group: text, count },
          ...{ meanSquaredZ: number, meanSquaredZInterval: interval, rankCorrelation: number },
          coverage: fc.array(
            record<LevelCoverage>({ level: number, raw: within, scaled: within, conformal: within }, [
              'scaled',
              'conformal',
            ]),
            { maxLength: 3 },
          ),
        }),
        fc.option(record({ scaledMeanSquaredZ: number, scaledMeanSquaredZInterval: interval }), { nil: {} }),
      )
      .map(([given, scaled]): UncertaintyMetrics => ({ ...given, ...scaled })),
    { maxLength: 2 },
  ),
});
const config = record<Pick<CampaignConfig, 'name' | 'seed'>>({ name, seed: index }).map((change) => ({
  ...CONFIG,
  ...change,
}));

const limit = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const below = fc.dictionary(
  fc.constantFrom(...THRESHOLDS),
  fc.dictionary(fc.constantFrom(...MODULI), number, { minKeys: 1, noNullPrototype: true }),
  { minKeys: 1, noNullPrototype: true },
) as fc.Arbitrary<NonNullable<StopRule['below']>>;
const stopRule = record<StopRule>(
  { labels: limit, rounds: count, below, confidence: share, errorShare: share, unimprovedRounds: limit },
  ['labels', 'rounds', 'below', 'confidence', 'errorShare', 'unimprovedRounds'],
);
const stopFigure = record<StopFigure>({
  figure: fc.constantFrom(...FIGURES),
  target: fc.constantFrom(...MODULI),
  value: number,
});

const ofSnapshot = { campaign: name, round: count, snapshotHash: hash };
const calculation = { calculationId: hash, materialId: id };
const authored = { epoch: count, writer: name, sequence: count };
const outcome = fc.constantFrom(...SETTLED_OUTCOMES, 'expired' as const);

/** Every type of event that the log can hold, with each optional part present or absent. */
export const EVENTS: { readonly [T in DomainEvent['type']]: fc.Arbitrary<EventOf<T>> } = {
  MaterialIngested: fc.tuple(name, material).map(([source, given]) => ({
    type: 'MaterialIngested' as const,
    source,
    material: given,
    materialHash: materialHash(given),
  })),
  LabelIngested: event('LabelIngested', { source: name, label }),
  SourcePartitionCompleted: event('SourcePartitionCompleted', { source: name, partition: count, count, hash }),
  StructureFeaturized: event(
    'StructureFeaturized',
    { source: name, facts, featuresHash: hash, vector: floats, fidelities },
    ['fidelities'],
  ),
  ExampleFormed: event(
    'ExampleFormed',
    { source: name, label, facts, featuresHash: hash, vector: floats, featureSchema: text, fidelities },
    ['featureSchema', 'fidelities'],
  ),
  TrainMember: event('TrainMember', { ...ofSnapshot, member: count, parkings: count }),
  MemberFailed: event('MemberFailed', { ...ofSnapshot, member: count, parkings: count, reason: text }),
  MemberTrained: event('MemberTrained', {
    ...ofSnapshot,
    member: count,
    modelHash: hash,
    targets: fc.array(trained, { maxLength: 2 }),
    engine: text,
    seconds: number,
  }),
  PredictionsStored: event('PredictionsStored', { ...ofSnapshot, partition: count }),
  CalculationRequested: event(
    'CalculationRequested',
    {
      ...calculation,
      materialHash: hash,
      recipe: text,
      attemptsMax: count,
      labelSet: name,
      parkings: count,
      execution: text,
    },
    ['execution'],
  ),
  CalculationHalted: event('CalculationHalted', { ...calculation, parkings: count, reason: text }),
  CalculationAttemptFailed: event(
    'CalculationAttemptFailed',
    { ...calculation, attempt: count, reason: text, retry: text, coreSeconds: number },
    ['retry', 'coreSeconds'],
  ),
  CalculationAbandoned: event('CalculationAbandoned', { ...calculation, attempts: count, reason: text }),
  ResultReceived: withValues(
    record<Omit<ResultReceived, keyof MeasuredValues>>(
      {
        ...{ type: fc.constant('ResultReceived' as const), ...calculation, attempt: count, materialHash: hash },
        ...{ labelSet: name, method, tensor, deformations, coreSeconds: number },
      },
      ['tensor', 'deformations', 'coreSeconds'],
    ),
  ),
  InputRejected: event('InputRejected', { id: hash, rejection, calculationId: hash }, ['calculationId']),
  CampaignCreated: fc.tuple(name, config, fc.array(text)).map(([campaign, given, sources]) => ({
    type: 'CampaignCreated' as const,
    campaign,
    config: given,
    configHash: configHash(given),
    sources,
  })),
  EpochClaimed: event('EpochClaimed', { epoch: count, writer: name }),
  RoundOpened: event('RoundOpened', { ...authored, snapshot, snapshotHash: hash }),
  Selected: event(
    'Selected',
    {
      ...authored,
      round: count,
      candidates: fc.array(candidate, { maxLength: 4 }),
      metrics: fc.array(metrics, { maxLength: 4 }),
      uncertainty,
      stopFigures: fc.array(stopFigure, { minLength: 1, maxLength: 3 }),
    },
    ['uncertainty', 'stopFigures'],
  ),
  CalculationExpired: event('CalculationExpired', { ...authored, round: count, calculationId: hash }),
  RoundClosed: event('RoundClosed', { ...authored, round: count, outcomes: fc.array(outcome) }),
  CampaignStopped: event('CampaignStopped', { ...authored, reason: fc.constantFrom(...STOP_REASONS) }),
  StopRuleRaised: event('StopRuleRaised', { ...authored, stop: stopRule }),
  CampaignPaused: event('CampaignPaused', authored),
  CampaignResumed: event('CampaignResumed', authored),
  CampaignParked: event('CampaignParked', { ...authored, reason: text }),
};

function floatsOf(length: number): fc.Arbitrary<Float64Array> {
  return fc.array(fc.double(), { minLength: length, maxLength: length }).map((all) => Float64Array.from(all));
}

/** @param optional the keys that may be absent */
function record<T extends object>(model: Model<T>, optional: readonly (keyof T)[] = []): fc.Arbitrary<T> {
  const requiredKeys = (Object.keys(model) as (keyof T)[]).filter((key) => !optional.includes(key));
  return fc.record(model, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<unknown> as fc.Arbitrary<T>;
}

function withValues<T extends object>(others: fc.Arbitrary<T>): fc.Arbitrary<T & MeasuredValues> {
  return fc.tuple(others, measured).map(([given, values]) => ({ ...given, ...values }));
}

function event<T extends DomainEvent['type']>(
  type: T,
  fields: Model<Omit<EventOf<T>, 'type'>>,
  optional: readonly (keyof Omit<EventOf<T>, 'type'>)[] = [],
): fc.Arbitrary<EventOf<T>> {
  return record(fields, optional).map((given) => ({ type, ...given }) as unknown as EventOf<T>);
}
