import type { FoldErrors } from '../../learning/study/fold-benchmark.ts';
import { MODULI, type Modulus } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import { grouped } from '../../text/progress-text.ts';
import type { MatbenchOptions, MatbenchResult } from './matbench.ts';

/** One object: `targets.g_vrh.log10_mae`, beside `random_forest.log10_mae`. */
export function matbenchJson(
  { targets, missing, notPositive, engine }: MatbenchResult,
  options: MatbenchOptions,
): string {
  const { preset, features, members, seed } = options;
  const ofTarget = (target: Modulus) => {
    const { folds, published, ...all } = targets[target];
    return [target, { ...fields(all), folds: folds.map(fields), random_forest: fields(published) }] as const;
  };
  const document = {
    ...{ study: 'matbench', preset, features, members, seed, engine },
    ...{ materials_missing: missing, values_not_positive: notPositive },
    targets: Object.fromEntries(MODULI.map(ofTarget)),
  };
  return `${JSON.stringify(document)}\n`;
}

function fields({ rows, log10, value }: FoldErrors) {
  return {
    ...{ rows, log10_mae: log10.mae, log10_rmse: log10.rmse, log10_r2: log10.r2 },
    ...{ mae_gpa: value.mae, rmse_gpa: value.rmse, r2: value.r2 },
  };
}

const WIDTHS = { name: 34, number: 12 };

export function matbenchText(result: MatbenchResult, { preset, features, members }: MatbenchOptions): string {
  const cells = (name: string, values: readonly string[]) =>
    `${name.padEnd(WIDTHS.name)}${values.map((text) => text.padStart(WIDTHS.number)).join('')}`;
  const line = (name: string, { log10, value }: FoldErrors) => {
    const figures = [log10.mae, log10.rmse].map((figure) => figure.toFixed(4));
    return cells(name, [...figures, value.mae.toFixed(2), value.r2.toFixed(3)]);
  };
  const { missing, notPositive } = result;
  const left = [
    ...(missing > 0 ? [`${grouped(missing)} materials with a fold are not in the data`] : []),
    ...(notPositive > 0 ? [`${grouped(notPositive)} values of 0 or less have no logarithm`] : []),
  ];
  const blocks = MODULI.flatMap((target) => {
    const { folds, published, ...all } = result.targets[target];
    const { mae } = all.log10;
    const range = folds.map(({ log10 }) => log10.mae);
    const { name } = targetWords(target);
    return [
      '',
      cells(`${name}, ${grouped(all.rows)} rows`, ['MAE log10', 'RMSE log10', 'MAE GPa', 'R2']),
      line(`  elastream, ${preset}`, all),
      line('  random forest, as published', published),
      `  ${(100 * (1 - mae / published.log10.mae)).toFixed(1)} % below its MAE; by fold ${Math.min(...range).toFixed(4)} to ${Math.max(...range).toFixed(4)}`,
    ];
  });
  const how = `${members} members per fold and target, features ${features}, trained on the logarithm`;
  return `${[`Matbench's folds: ${how}`, ...left, ...blocks].join('\n')}\n`;
}
