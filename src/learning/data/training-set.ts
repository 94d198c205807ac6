import { momentsOf, standardDeviation } from '../../kernels/population-moments.ts';
import type { ContentHash } from '../../model/content-hash.ts';
import type { AcquisitionContext } from '../acquisition/offered-candidate.ts';
import type { CampaignConfig } from '../campaign/campaign-config.ts';
import { splitDraws, type TrainingLabels } from '../ensemble/member-split.ts';
import { campaignLabelSet } from './campaign-data.ts';
import type { Example, MaterialVersion } from './material-catalogue.ts';

/** Caches the draws of each label: they are the same in every round of a campaign and slow to compute. */
export type DrawCache = Map<ContentHash, Uint32Array>;

/** The labels that members train on, in the order of the rows of their matrix. */
export function trainingLabels(
  examples: readonly Example[],
  config: CampaignConfig,
  campaign: string,
  cache: DrawCache,
): TrainingLabels {
  const { targets, seed, ensemble } = config;
  const own = campaignLabelSet(campaign);
  return {
    targets,
    draws: examples.map(({ label }) => {
      const draws = cache.get(label.id) ?? splitDraws(seed, ensemble.members, label.id);
      cache.set(label.id, draws);
      return draws;
    }),
    values: Float64Array.from(
      examples.flatMap(({ label }) => targets.map((target) => label.values[target] ?? Number.NaN)),
    ),
    acquired: Uint8Array.from(examples, ({ label }) => (label.labelSet === own ? 1 : 0)),
  };
}

/**
 * Float64Array[rows * columns], row-major, in shared memory so that worker threads need no copy.
 * @param columns indices in the feature vector, ascending
 */
export function featureMatrix(rows: readonly Pick<MaterialVersion, 'vector'>[], columns: Int32Array): Float64Array {
  const width = columns.length;
  const values = new Float64Array(new SharedArrayBuffer(8 * rows.length * width));
  rows.forEach(({ vector }, row) => {
    for (let column = 0; column < width; column++) values[row * width + column] = vector[columns[column]!]!;
  });
  return values;
}

/** The quantities to which this round's scores are relative. */
export function acquisitionContext(
  { targets, values }: TrainingLabels,
  config: CampaignConfig,
  round: number,
): AcquisitionContext {
  const moments = targets.map((_, t) => momentsOf(values.filter((__, i) => i % targets.length === t)));
  return {
    seed: config.seed,
    round,
    weights: targets.map((target) => config.acquisition.weights[target] ?? 1),
    labelMean: moments.map(({ mean }) => mean),
    labelStandardDeviation: moments.map(standardDeviation),
    labelled: { targets: targets.length, values },
  };
}
