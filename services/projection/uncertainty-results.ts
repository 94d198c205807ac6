import type { CalibrationResult, CoverageResult, UncertaintyResult } from '../../src/ports/result-store.ts';
import type { RoundHistory } from '../../src/reading/campaign-history.ts';
import { calibrationRows, type UncertaintyRow, uncertaintyRows } from '../../src/reading/uncertainty-rows.ts';

/** A round's calibrations as its table holds them. */
export function calibrationResults(round: RoundHistory): CalibrationResult[] {
  return calibrationRows(round).map(({ target, group, count, scale, scale_low, scale_high, quantiles }) => {
    const at = (level: number) => quantiles.find((one) => one.level === level)?.quantile ?? null;
    const byLevel = { '68': at(0.68), '90': at(0.9), '95': at(0.95) };
    return { target, group, count, scale: { value: scale, low: scale_low, high: scale_high }, quantiles: byLevel };
  });
}

/** How far STDEV and intervals of a round were right: one for each level. */
export function uncertaintyResults(round: RoundHistory): UncertaintyResult[] {
  return uncertaintyRows(round).flatMap((row) =>
    row.coverage.map(({ level, raw, scaled, conformal }) => ({
      ...{ target: row.target, subset: row.subset, group: row.group, level, count: row.count },
      raw: coverageResult(raw),
      scaled: scaled && coverageResult(scaled),
      conformal: conformal && coverageResult(conformal),
      meanSquaredZ: { value: row.mean_squared_z, low: row.mean_squared_z_low, high: row.mean_squared_z_high },
      scaledMeanSquaredZ: {
        value: row.scaled_mean_squared_z,
        low: row.scaled_mean_squared_z_low,
        high: row.scaled_mean_squared_z_high,
      },
      rankCorrelation: row.rank_correlation,
    })),
  );
}

function coverageResult({ share, ...others }: UncertaintyRow['coverage'][number]['raw']): CoverageResult {
  return { value: share, ...others };
}
