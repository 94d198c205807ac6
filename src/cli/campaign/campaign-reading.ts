import { featureIndices } from '../../featurizers/feature-schema.ts';
import { reproducedRound } from '../../learning/campaign/reproduced-round.ts';
import type { RoundContents } from '../../learning/campaign/round-contents.ts';
import { campaignLabelSet, type FrozenData, freezeData } from '../../learning/data/campaign-data.ts';
import { MaterialCatalogue } from '../../learning/data/material-catalogue.ts';
import type { EnsembleModels } from '../../learning/ensemble/predict-rows.ts';
import { AppError } from '../../model/app-error.ts';
import type { InputRejected, MemberTrained } from '../../model/events.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import type { ModelStore } from '../../ports/model-store.ts';
import { type CalculationEnding, createCalculationEndings } from '../../reading/calculation-endings.ts';
import type { CampaignHistory, RoundHistory } from '../../reading/campaign-history.ts';
import { createCatalogueProjection } from '../../reading/catalogue-projection.ts';
import { readToEnd } from '../../reading/read-to-end.ts';
import { createRejections } from '../../reading/rejections.ts';
import { createTrainedMembers } from '../../reading/trained-members.ts';
import { loadEnsemble } from '../../runtime/ensemble-predictor.ts';
import { TOPICS } from './campaign-directory.ts';

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
  /** The first model of each member of a round, members ascending; undefined while one is missing. */
  members(round: RoundHistory): readonly MemberTrained[] | undefined;
}

export async function readCampaignData(log: EventLogReader, history: CampaignHistory): Promise<CampaignReading> {
  const { created, rounds } = history;
  const { partitions } = TOPICS.materials;
  const catalogue = new MaterialCatalogue({ vectors: true, partitions });
  const trained = createTrainedMembers(TOPICS.members, withoutHeldOutRows);
  const rejected = createRejections(TOPICS, (event) => event);
  const endings = createCalculationEndings(TOPICS, campaignLabelSet(created.campaign));
  await readToEnd(log, createCatalogueProjection(catalogue, TOPICS), trained, endings, rejected);
  const onTime = freezeData(created, catalogue);
  const reproduced = (upTo: number) => {
    const earlier = rounds.slice(0, upTo - 1).flatMap(({ selected }) => selected?.candidates ?? []);
    return reproducedRound({
      ...{ created, catalogue, partitions, onTime, topics: TOPICS },
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
    members({ opened }) {
      const found = trained.of(created, opened);
      return found.size === created.config.ensemble.members ? [...found.values()] : undefined;
    },
  };
}

/** A long campaign has hundreds of megabytes of them. */
function withoutHeldOutRows(event: MemberTrained): MemberTrained {
  const none = { heldOutRows: new Int32Array(0), heldOutPredictions: new Float64Array(0) };
  return { ...event, targets: event.targets.map((target) => ({ ...target, ...none })) };
}

/** The latest round that all members have been trained for. */
export function latestTrainedRound({ history, members }: CampaignReading): RoundHistory | undefined {
  return history.rounds.findLast((round) => members(round) !== undefined);
}

/** @throws AppError `input_unreadable` where the directory has lost a model: running the campaign mends it */
export function loadModels(store: ModelStore, members: readonly MemberTrained[]): Promise<EnsembleModels> {
  return loadEnsemble(store, members, (model) => {
    const message = `${model} is not in the directory's models: 'elastream rebuild' trains it again`;
    return new AppError('input_unreadable', message);
  });
}

/** Places in the feature vector that the campaign's models were trained on. */
export function modelColumns({ created }: CampaignHistory): Int32Array {
  return featureIndices(created.config.features);
}
