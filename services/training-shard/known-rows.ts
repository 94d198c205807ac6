import {
  knownValues,
  type MeasuredRow,
  measuredRows,
  trainingGroups,
} from '../../src/learning/acquisition/measured-row.ts';
import type { PartitionRank } from '../../src/learning/acquisition/rank-partition.ts';
import type { Example } from '../../src/learning/data/material-catalogue.ts';
import { type PredictionSettings, predictInSteps } from '../../src/learning/ensemble/predict-rows.ts';
import type { PreparedRound } from './round-preparation.ts';

/** Tells of a partition's reserve, test set and last batch what is known beside what is predicted. */
export function createMeasuring({ created, contents, batch, columns }: PreparedRound, settings: PredictionSettings) {
  const { config } = created;
  const { targets } = config;
  const selected = new Map(batch.map((candidate) => [candidate.materialId, candidate]));
  let groups: ReturnType<typeof trainingGroups> | undefined;

  return function* measuring(partition: number, rank: PartitionRank): Generator<void, readonly MeasuredRow[]> {
    const here = (examples: readonly Example[]) => examples.filter((example) => example.partition === partition);
    const [reserve, test, training] = [here(contents.reserve), here(contents.test), here(contents.training)];
    groups ??= trainingGroups(config, contents.training, columns);
    const groupOf = groups;
    yield;
    const predictions = yield* predictInSteps(reserve, settings);
    const acquired = training.flatMap(({ facts: { materialId }, label }): MeasuredRow[] => {
      const chosen = selected.get(materialId);
      if (chosen === undefined) return [];
      const { mean, standardDeviation } = chosen;
      // It trains now, so what this round's models would say of it shows nothing.
      const actual = knownValues(label.values, targets);
      return [{ materialId, subset: 'batch', group: '', mean, standardDeviation, actual }];
    });
    return [
      ...measuredRows('reserve', reserve, predictions, { targets, groupOf }),
      ...measuredRows('test', test, rank.testPredictions, { targets, groupOf }),
      ...acquired,
    ];
  };
}
