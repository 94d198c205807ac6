/*
 * A campaign's configuration as its log records it. What it was hashed as is what it stays: a setting that came later is
 * recorded only where it differs from what campaigns did before it, and what is not recorded is filled in when it is
 * read, after its hash has been checked. So old records are complete, and an unchanged campaign file keeps its hash.
 */
import type { MishapRates } from '../../model/recipe.ts';
import type { CalculatorSettings, CampaignConfig, DataSource } from './campaign-config.ts';

/** Before there were kinds, all data were files. */
type RecordedData = DataSource | Omit<DataSource, 'kind'>;

/** Calculators that only pretend have their mishaps beside their other settings. */
type RecordedCalculator<C = CalculatorSettings> = C extends { readonly mishaps: MishapRates }
  ? Omit<C, 'mishaps'> & MishapRates
  : C;

/** What is written as `config_json`, and hashed. */
export type RecordedConfig = Omit<CampaignConfig, 'data' | 'calculator'> & {
  readonly data: readonly RecordedData[];
  readonly calculator: RecordedCalculator;
};

export function recordedConfig({ data, calculator, ...others }: CampaignConfig): RecordedConfig {
  const { mishaps, ...settings } = calculator;
  return { ...others, data: data.map(({ kind: _, ...source }) => source), calculator: { ...settings, ...mishaps } };
}

/** The reverse, of whatever version recorded it. */
export function completedConfig({ data, calculator, ...others }: RecordedConfig): CampaignConfig {
  const { failureRate, neverReturningRate, delaySeconds, ...settings } = calculator;
  return {
    ...others,
    data: data.map((source) => ({ kind: 'file', ...source })),
    calculator: { ...settings, mishaps: { failureRate, neverReturningRate, delaySeconds } },
  };
}
