/*
 * The configuration of a campaign as the log records and hashes it. The recorded form never changes for an unchanged
 * campaign file: a new setting is recorded only if it differs from the behaviour before that setting existed. A reader
 * fills in what is not recorded, after it has checked the hash.
 */
import type { MishapRates } from '../../model/recipe.ts';
import type { CalculatorSettings, CampaignConfig, DataSource } from './campaign-config.ts';

/** Data without a kind are files. */
type RecordedData = DataSource | Omit<DataSource, 'kind'>;

/** The record holds mishap rates beside the other settings of a calculator. */
type RecordedCalculator<C = CalculatorSettings> = C extends { readonly mishaps: MishapRates }
  ? Omit<C, 'mishaps'> & MishapRates
  : C;

/** The form that is written as `config_json` and hashed. */
export type RecordedConfig = Omit<CampaignConfig, 'data' | 'calculator'> & {
  readonly data: readonly RecordedData[];
  readonly calculator: RecordedCalculator;
};

export function recordedConfig({ data, calculator, ...others }: CampaignConfig): RecordedConfig {
  return { ...others, data: data.map(({ kind: _, ...source }) => source), calculator: recordedCalculator(calculator) };
}

/** The inverse of `recordedConfig`, for records of any version. */
export function completedConfig({ data, calculator, ...others }: RecordedConfig): CampaignConfig {
  return {
    ...others,
    data: data.map((source) => ({ kind: 'file', ...source })),
    calculator: completedCalculator(calculator),
  };
}

function recordedCalculator(calculator: CalculatorSettings): RecordedCalculator {
  if (!('mishaps' in calculator)) return calculator;
  const { mishaps, ...settings } = calculator;
  return { ...settings, ...mishaps };
}

function completedCalculator(calculator: RecordedCalculator): CalculatorSettings {
  if (!('failureRate' in calculator)) return calculator;
  const { failureRate, neverReturningRate, delaySeconds, ...settings } = calculator;
  return { ...settings, mishaps: { failureRate, neverReturningRate, delaySeconds } };
}
