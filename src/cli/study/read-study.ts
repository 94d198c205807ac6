import { reproducedRound } from '../../learning/campaign/reproduced-round.ts';
import { MaterialCatalogue } from '../../learning/data/material-catalogue.ts';
import { memberModel } from '../../learning/ensemble/member-models.ts';
import { type EnsembleModels, predictionSettings, predictRows } from '../../learning/ensemble/predict-rows.ts';
import { predictedRows } from '../../learning/ensemble/predicted-rows.ts';
import { accuracyRows, candidateRows, databaseRows, holds, loopRows } from '../../learning/study/measured-parts.ts';
import type { MeasuredEnsemble } from '../../learning/study/member-measures.ts';
import type { StudyCampaign, StudyPart, StudySettings } from '../../learning/study/paper-study.ts';
import type { LoopRound, StudyResults, StudyRow } from '../../learning/study/study-results.ts';
import { AppError } from '../../model/app-error.ts';
import type { MemberTrained } from '../../model/events.ts';
import { MODULI } from '../../model/target.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import type { ModelStore } from '../../ports/model-store.ts';
import {
  acquiredBefore,
  type CampaignHistories,
  type CampaignHistory,
  readHistories,
} from '../../reading/campaign-history.ts';
import { TOPICS } from '../../reading/campaign-log.ts';
import { loadModels } from '../../reading/campaign-reading.ts';
import { createCatalogueProjection } from '../../reading/catalogue-projection.ts';
import { readToEnd } from '../../reading/read-to-end.ts';
import { createTrainedMembers } from '../../reading/trained-members.ts';
import { importancesOf } from '../../report/model/report-arm.ts';
import { openCampaignLog, openCampaignModels } from '../campaign/campaign-directory.ts';

/** Fewer would say nothing of the element. */
const FOCUS_MIN = 50;

/** The results of a study's campaigns that are over, from the log and the models of its directory. */
export async function readStudy(
  directory: string,
  parts: readonly StudyPart[],
  { focus }: StudySettings,
): Promise<StudyResults> {
  const log = openCampaignLog(directory);
  const models = openCampaignModels(directory);
  try {
    const reading = await openReading(log, models, parts);
    const measured = parts.filter(({ id }) => id !== 'loop' && id !== 'batches');
    const rows: StudyRow[] = [];
    let focusCount = 0;
    for (const [i, { id, campaigns }] of measured.entries()) {
      for (const campaign of campaigns) {
        const one = await reading.measured(campaign);
        if (i === 0 && campaign === campaigns[0]) {
          const materials = one.labelled.map(({ facts, label }) => ({ facts, values: label.values }));
          focusCount = materials.filter(({ facts }) => holds(focus)(facts)).length;
          rows.push(...databaseRows(one.frozen, materials, focus));
        }
        const own = id === 'uncertainty' ? one.candidates() : accuracyRows(id, campaign, one.ensemble(focus), focus);
        rows.push(...own.filter(({ materials }) => materials !== focus || focusCount >= FOCUS_MIN));
      }
    }
    const loops: LoopRound[] = [];
    for (const { id, campaigns } of parts.filter((part) => !measured.includes(part))) {
      for (const campaign of campaigns) {
        const rounds = loopRounds(reading.history(campaign));
        loops.push(...rounds);
        rows.push(...loopRows(id, campaign, rounds));
      }
    }
    const few = `the data hold ${focusCount} materials with ${focus}, fewer than ${FOCUS_MIN}: numbers of ${focus} would say nothing, and are left out`;
    return { rows, loops, importances: await reading.importances(), notes: focusCount < FOCUS_MIN ? [few] : [] };
  } finally {
    await models.close();
    await log.close();
  }
}

async function openReading(log: EventLogReader, store: ModelStore, parts: readonly StudyPart[]) {
  const histories = await readHistories(log, TOPICS);
  const single = new Set(parts.flatMap(({ campaigns }) => campaigns.filter(isMeasuring).map(({ name }) => name)));
  // Of a loop's rounds the held-out predictions would not fit into memory.
  const trained = createTrainedMembers(TOPICS.members, (event) => (single.has(event.campaign) ? event : undefined));
  const { partitions } = TOPICS.materials;
  const catalogue = new MaterialCatalogue({ vectors: true, partitions });
  await readToEnd(log, createCatalogueProjection(catalogue, TOPICS), trained);
  const history = ({ name }: StudyCampaign) => historyOf(histories, name);

  function membersOf(campaign: StudyCampaign): MemberTrained[] {
    const { created, rounds } = history(campaign);
    const members = [...trained.of(created, rounds[0]!.opened).values()].flatMap((one) => one ?? []);
    if (members.length === created.config.ensemble.members) return members;
    throw new AppError('internal', `${campaign.name} is over, and ${members.length} of its members are in the log`);
  }

  const modelsOf = (campaign: StudyCampaign): Promise<EnsembleModels> =>
    loadModels(store, membersOf(campaign).map(memberModel));

  return {
    history,
    /** Of Fig. 3b: of the models of the final feature set. */
    async importances(): Promise<StudyResults['importances']> {
      const final = parts.flatMap(({ campaigns }) => campaigns).find(({ name }) => name.endsWith('features-paper'))!;
      const byTarget = importancesOf(history(final).created.config, await modelsOf(final));
      return MODULI.flatMap((target) =>
        (byTarget[target] ?? []).map(({ feature, group, gainShare }, i) => {
          return { target, rank: i + 1, feature, group, gainShare };
        }),
      );
    },
    async measured(campaign: StudyCampaign) {
      const { created, rounds } = history(campaign);
      const { config } = created;
      const { opened, selected } = rounds[0]!;
      const { frozen, contents } = reproducedRound({
        ...{ created, catalogue, partitions, topics: TOPICS, snapshots: [opened.snapshot], selectedBefore: new Set() },
        poolPartitions: [...Array(partitions).keys()],
      });
      const models = await modelsOf(campaign);
      return {
        frozen,
        labelled: contents.examples,
        ensemble(focus: string): MeasuredEnsemble {
          const isUnseen = config.sampling.model.model === 1 ? holds(focus) : () => false;
          const rows = contents.test.filter(({ facts }) => isUnseen(facts));
          const { byTarget } = predictRows(rows, predictionSettings(config, models));
          const ofMember = (values: Float64Array, m: number) => values.subarray(m * rows.length, (m + 1) * rows.length);
          const predictions = Object.fromEntries(
            config.targets.map((target, t) => [target, models.map((_, m) => ofMember(byTarget[t]!, m))]),
          );
          return { members: membersOf(campaign), training: contents.training, unseen: { rows, predictions } };
        },
        candidates(): StudyRow[] {
          const predicted = [...predictedRows(config, contents, models)].filter(({ set }) => set === 'candidates');
          const valuesOf = (target: (typeof MODULI)[number]) => [
            ...contents.examples.flatMap(({ label }) => label.values[target] ?? []),
            ...predicted.flatMap(({ actual }) => actual[target] ?? []),
          ];
          return candidateRows(campaign, selected!.metrics, predicted, {
            database: { g_vrh: valuesOf('g_vrh'), k_vrh: valuesOf('k_vrh') },
            rankOf: (target) => config.targets.indexOf(target),
          });
        },
      };
    },
  };
}

function isMeasuring({ document }: StudyCampaign): boolean {
  return (document.stop as { rounds?: number }).rounds === 0;
}

function historyOf(histories: CampaignHistories, name: string): CampaignHistory {
  const history = histories.get(name);
  if (history?.stopped !== undefined) return history;
  throw new AppError('internal', `${name} is ${history ? 'not over' : 'not there'}`);
}

function loopRounds(history: CampaignHistory): LoopRound[] {
  const campaign = history.created.campaign;
  return history.rounds.flatMap(({ round, selected }) =>
    (selected?.metrics ?? []).map((metrics): LoopRound => {
      const { target, subset, count, memberMae, maeStandardDeviation, memberR2, memberR2StandardDeviation, mae } =
        metrics;
      return {
        ...{ campaign, round, added: acquiredBefore(history, round), target, subset, count, ensembleMae: mae },
        mae: { mean: memberMae, standardDeviation: maeStandardDeviation },
        r2: { mean: memberR2, standardDeviation: memberR2StandardDeviation },
      };
    }),
  );
}
