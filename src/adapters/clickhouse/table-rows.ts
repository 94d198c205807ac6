import type {
  Bounded,
  CalibrationResult,
  Deviation,
  MemberResult,
  Prediction,
  PredictionBatch,
  RoundMetrics,
  RoundResult,
  SelectionResult,
  StoredRejection,
  UncertaintyResult,
} from '../../ports/result-store.ts';
import type { TABLES } from './migrations.ts';
import { type Cells, orNull } from './row-batches.ts';

export type Table = (typeof TABLES)[number];

function bounded(name: string): string[] {
  return [name, `${name}_low`, `${name}_high`];
}

/** The written columns. Each insert names them, so that a later migration may add others. */
export const COLUMNS: Readonly<Record<Table, readonly [string, ...string[]]>> = {
  stored_predictions: [
    'campaign',
    'round',
    'target',
    'material_id',
    'partition',
    'mean',
    'std',
    'member_values',
    'observed',
    'epoch',
  ],
  stored_prediction_partitions: ['campaign', 'round', 'partition', 'snapshot_hash', 'epoch'],
  stored_prediction_summaries: [
    'campaign',
    'round',
    'target',
    'partition',
    'predictions',
    'mean',
    'std',
    'std_max',
    'epoch',
  ],
  stored_members: [
    'campaign',
    'round',
    'target',
    'member',
    'model_hash',
    'held_out',
    'mae',
    'rmse',
    'r2',
    'seconds',
    'engine_fingerprint',
    'epoch',
  ],
  stored_rounds: ['campaign', 'round', 'labels', 'added', 'seconds', 'snapshot_hash', 'epoch'],
  stored_round_metrics: [
    'campaign',
    'round',
    'target',
    'subset',
    'materials',
    'mae',
    'rmse',
    'r2',
    'mae_stdev',
    'epoch',
  ],
  stored_calibrations: [
    ...(['campaign', 'round', 'target', 'material_group', 'materials'] as const),
    ...bounded('scale'),
    ...['quantile_68', 'quantile_90', 'quantile_95', 'epoch'],
  ],
  stored_uncertainty: [
    ...(['campaign', 'round', 'target', 'subset', 'material_group', 'level', 'materials'] as const),
    ...['raw', 'scaled', 'conformal'].flatMap((way) => [...bounded(`${way}_coverage`), `${way}_width`]),
    ...bounded('mean_squared_z'),
    ...bounded('scaled_mean_squared_z'),
    ...['rank_correlation', 'epoch'],
  ],
  stored_selections: ['campaign', 'round', 'rank', 'material_id', 'score', 'why', 'epoch'],
  stored_rejections: ['id', 'source', 'locator', 'code', 'message', 'material_id'],
  stored_positions: ['topic', 'partition', 'next', 'last_offset', 'last_id'],
};

export function predictionRow({ campaign, round, epoch }: PredictionBatch, p: Prediction): Cells {
  const members = p.memberValues === undefined ? [] : Array.from(p.memberValues);
  return [campaign, round, p.target, p.materialId, p.partition, p.mean, p.stdev, members, orNull(p.calculated), epoch];
}

export function memberRow(row: MemberResult): Cells {
  const { campaign, round, epoch, target, member, modelHash, heldOut, seconds, engineFingerprint } = row;
  const { count } = heldOut;
  return [campaign, round, target, member, modelHash, count, ...deviation(heldOut), seconds, engineFingerprint, epoch];
}

export function roundRow({ campaign, round, labels, added, seconds, snapshotHash, epoch }: RoundResult): Cells {
  return [campaign, round, labels, added, seconds, snapshotHash, epoch];
}

export function roundMetricsRow({ campaign, round, epoch }: RoundResult, metrics: RoundMetrics): Cells {
  const { target, subset, count, maeStdev } = metrics;
  return [campaign, round, target, subset, count, ...deviation(metrics), orNull(maeStdev), epoch];
}

export function calibrationRow({ campaign, round, epoch }: RoundResult, calibration: CalibrationResult): Cells {
  const { target, group, count, scale, quantiles } = calibration;
  const levels = [quantiles['68'], quantiles['90'], quantiles['95']];
  return [campaign, round, target, group, count, ...limits(scale), ...levels, epoch];
}

export function uncertaintyRow({ campaign, round, epoch }: RoundResult, figures: UncertaintyResult): Cells {
  const { target, subset, group, level, count, raw, scaled, conformal } = figures;
  const covered = [raw, scaled, conformal].flatMap((way) =>
    way ? [...limits(way), way.width] : [null, null, null, null],
  );
  const squares = [...limits(figures.meanSquaredZ), ...limits(figures.scaledMeanSquaredZ)];
  return [campaign, round, target, subset, group, level, count, ...covered, ...squares, figures.rankCorrelation, epoch];
}

function limits({ value, low, high }: Bounded): Cells {
  return [value, low, high];
}

export function selectionRow({ campaign, round, rank, materialId, score, why, epoch }: SelectionResult): Cells {
  return [campaign, round, rank, materialId, score, why, epoch];
}

export function rejectionRow({ id, source, locator, code, message, materialId }: StoredRejection): Cells {
  return [id, source, locator ?? null, code, message, materialId ?? null];
}

function deviation({ mae, rmse, r2 }: Deviation): Cells {
  return [orNull(mae), orNull(rmse), orNull(r2)];
}
