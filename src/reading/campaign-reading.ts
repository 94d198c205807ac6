import { featureIndices } from '../featurizers/feature-schema.ts';
import { reproducedRound } from '../learning/campaign/reproduced-round.ts';
import type { RoundContents } from '../learning/campaign/round-contents.ts';
import { campaignLabelSet, type FrozenData, freezeData } from '../learning/data/campaign-data.ts';
import { MaterialCatalogue } from '../learning/data/material-catalogue.ts';
import type { MemberModel } from '../learning/ensemble/member-models.ts';
import type { EnsembleModels } from '../learning/ensemble/predict-rows.ts';
import { AppError } from '../model/app-error.ts';
import type { InputRejected } from '../model/events.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import type { ModelStore } from '../ports/model-store.ts';
import { loadEnsemble } from '../runtime/ensemble-predictor.ts';
import { logTopics } from '../runtime/log-topics.ts';
import { type CalculationEnding, createCalculationEndings } from './calculation-endings.ts';
import type { CampaignHistory, RoundHistory } from './campaign-history.ts';
import { TOPICS } from './campaign-log.ts';
import { createCatalogueProjection } from './catalogue-projection.ts';
import type { Projection } from './projection.ts';
import { readToEnd } from './read-to-end.ts';
import { createRejections } from './rejections.ts';
import { createRoundMembers } from './round-members.ts';
import { newestTrainedRound, type TrainedRound, trainedRound } from './trained-round.ts';

/** A campaign's data and models as the log tells them: enough to predict what the campaign predicted, bit by bit. */
export interface CampaignReading {
  readonly history: CampaignHistory;
  readonly catalogue: MaterialCatalogue;
  readonly frozen: FrozenData;
  /** What the log has refused, of this and other campaigns. */
  readonly rejected: readonly InputRejected[];
  /** What came of the campaign's calculations that came to a label or a refusal. */
  ending(calculationId: string): CalculationEnding | undefined;
  /** What a round trained on and chose from. */
  contents(round: RoundHistory): RoundContents;
}

/** @param others what else is to be made of the same reading */
export async function readCampaignData(
  log: EventLogReader,
  history: CampaignHistory,
  ...others: readonly Projection[]
): Promise<CampaignReading> {
  const { created, rounds } = history;
  const topics = await logTopics(log);
  const { partitions } = topics.materials;
  const catalogue = new MaterialCatalogue({ vectors: true, partitions });
  const rejected = createRejections(TOPICS, (event) => event);
  const endings = createCalculationEndings(TOPICS, campaignLabelSet(created.campaign));
  await readToEnd(log, createCatalogueProjection(catalogue, topics), endings, rejected, ...others);
  const onTime = freezeData(created, catalogue);
  const reproduced = (upTo: number) => {
    const earlier = rounds.slice(0, upTo - 1).flatMap(({ selected }) => selected?.candidates ?? []);
    return reproducedRound({
      ...{ created, catalogue, partitions, onTime, topics },
      snapshots: rounds.slice(0, upTo).map(({ opened }) => opened.snapshot),
      selectedBefore: new Set(earlier.map(({ materialId }) => materialId)),
      poolPartitions: [...Array(partitions).keys()],
    });
  };
  return {
    history,
    catalogue,
    frozen: catalogue.hasLate && rounds.length > 0 ? reproduced(1).frozen : onTime,
    rejected: rejected.all(),
    ending: endings.of,
    contents: ({ round }) => reproduced(round).contents,
  };
}

/** A round with its models, the newest that is trained unless one is given; undefined while a model is missing. */
export function readTrained(
  log: EventLogReader,
  history: CampaignHistory,
  round?: RoundHistory,
): Promise<TrainedRound | undefined> {
  const members = createRoundMembers(log, TOPICS.members);
  return round ? trainedRound(history, round, members) : newestTrainedRound(history, members);
}

/** @throws AppError `input_unreadable` where the directory has lost a model: running the campaign mends it */
export function loadModels(store: ModelStore, members: readonly MemberModel[]): Promise<EnsembleModels> {
  return loadEnsemble(store, members, (model) => {
    const message = `${model} is not in the directory's models: 'elastream rebuild' trains it again`;
    return new AppError('input_unreadable', message);
  });
}

/** Places in the feature vector that the campaign's models were trained on. */
export function modelColumns({ created }: CampaignHistory): Int32Array {
  return featureIndices(created.config.features);
}
