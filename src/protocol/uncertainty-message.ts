import type { MeasuredRow } from '../learning/acquisition/measured-row.ts';
import {
  type Covered,
  type LevelCoverage,
  type LevelQuantile,
  MEASURED_SUBSETS,
  type RoundUncertainty,
  type TargetCalibration,
  type UncertaintyMetrics,
} from '../learning/acquisition/uncertainty-metrics.ts';
import { parseMaterialId } from '../model/material-id.ts';
import { badMessage, inField } from './bad-message.ts';
import { requiredField, targetField, wordField } from './checked-field.ts';
import type * as wire from './generated/elastream/v1/campaign.generated.ts';
import type { MeasuredRow as MeasuredRowMessage } from './generated/elastream/v1/services.generated.ts';

export function toUncertaintyMessage({ calibrations, metrics }: RoundUncertainty): wire.RoundUncertainty {
  return {
    calibrations: calibrations.map(({ scaleInterval: { low, high }, quantiles, ...calibration }) => {
      return { ...calibration, scaleLow: low, scaleHigh: high, quantiles: [...quantiles] };
    }),
    metrics: metrics.map(toMetricsMessage),
  };
}

/** @throws RejectedInput `bad_message` */
export function fromUncertaintyMessage({ calibrations, metrics }: wire.RoundUncertainty): RoundUncertainty {
  return { calibrations: calibrations.map(fromCalibrationMessage), metrics: metrics.map(fromMetricsMessage) };
}

function fromCalibrationMessage({ scaleLow, scaleHigh, ...message }: wire.TargetCalibration): TargetCalibration {
  return {
    ...message,
    target: targetField(message.target, 'uncertainty.calibrations.target'),
    scaleInterval: { low: scaleLow, high: scaleHigh },
    quantiles: message.quantiles.map(({ level, quantile }): LevelQuantile => ({ level, quantile })),
  };
}

function toMetricsMessage(metrics: UncertaintyMetrics): wire.UncertaintyMetrics {
  const { meanSquaredZInterval: raw, scaledMeanSquaredZInterval: scaled, scaledMeanSquaredZ, ...others } = metrics;
  return {
    ...others,
    meanSquaredZLow: raw.low,
    meanSquaredZHigh: raw.high,
    scaledMeanSquaredZ,
    scaledMeanSquaredZLow: scaled?.low,
    scaledMeanSquaredZHigh: scaled?.high,
    coverage: metrics.coverage.map((one) => ({ ...one, scaled: one.scaled, conformal: one.conformal })),
  };
}

function fromMetricsMessage(message: wire.UncertaintyMetrics): UncertaintyMetrics {
  const { scaledMeanSquaredZ, scaledMeanSquaredZLow: low, scaledMeanSquaredZHigh: high } = message;
  return {
    target: targetField(message.target, 'uncertainty.metrics.target'),
    subset: wordField(message.subset, MEASURED_SUBSETS, 'uncertainty.metrics.subset'),
    group: message.group,
    count: message.count,
    meanSquaredZ: message.meanSquaredZ,
    meanSquaredZInterval: { low: message.meanSquaredZLow, high: message.meanSquaredZHigh },
    ...(scaledMeanSquaredZ !== undefined && {
      scaledMeanSquaredZ,
      scaledMeanSquaredZInterval: { low: low ?? Number.NaN, high: high ?? Number.NaN },
    }),
    rankCorrelation: message.rankCorrelation,
    coverage: message.coverage.map(fromCoverageMessage),
  };
}

function fromCoverageMessage({ level, raw, scaled, conformal }: wire.LevelCoverage): LevelCoverage {
  const covered = ({ inside, width }: wire.Covered): Covered => ({ inside, width });
  return {
    level,
    raw: covered(requiredField(raw, 'uncertainty.metrics.coverage.raw')),
    ...(scaled && { scaled: covered(scaled) }),
    ...(conformal && { conformal: covered(conformal) }),
  };
}

/** @throws RejectedInput `bad_message` where it has not one number per target */
export function fromMeasuredRowMessage(message: MeasuredRowMessage, targets: number): MeasuredRow {
  const { mean, standardDeviation, actual } = message;
  if ([mean, standardDeviation, actual].some(({ length }) => length !== targets)) {
    throw badMessage('measured_rows', `must have ${targets} numbers each`);
  }
  return {
    ...message,
    materialId: inField('measured_rows.material_id', () => parseMaterialId(message.materialId)),
    subset: wordField(message.subset, MEASURED_SUBSETS, 'measured_rows.subset'),
  };
}
