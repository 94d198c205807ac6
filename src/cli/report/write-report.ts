import { packageVersion } from '../../adapters/in-process/package-version.ts';
import { writeOutput } from '../../adapters/writers/output-file.ts';
import type { EnsembleModels } from '../../learning/ensemble/predict-rows.ts';
import { AppError } from '../../model/app-error.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import type { ModelStore } from '../../ports/model-store.ts';
import { type CampaignHistories, type CampaignHistory, readHistories } from '../../reading/campaign-history.ts';
import { TOPICS } from '../../reading/campaign-log.ts';
import { loadModels, readCampaignData, readTrained } from '../../reading/campaign-reading.ts';
import { chooseCampaign } from '../../reading/chosen-campaign.ts';
import { createTrainedMembers } from '../../reading/trained-members.ts';
import { checkComparable } from '../../report/model/check-comparable.ts';
import { measuredRounds } from '../../report/model/report-arm.ts';
import { type ReportPart, reportModel, reportPart } from '../../report/model/report-model-of.ts';
import type { ReportModel } from '../../report/report-model.ts';
import { openCampaignLog, openCampaignModels } from '../campaign/campaign-directory.ts';

export interface ReportOptions {
  /** `-` for standard output. */
  readonly output: string;
  /** All of the directory unless told. */
  readonly campaigns?: readonly string[];
}

/**
 * Writes the report of a directory's campaigns from log and models alone, beside the process that runs them too.
 * @throws AppError `invalid_argument` where there is nothing to report or no comparison, `output_unwritable`
 */
export async function writeReport(directory: string, { output: path, campaigns }: ReportOptions): Promise<void> {
  const log = openCampaignLog(directory);
  const models = lazily(() => openCampaignModels(directory));
  try {
    const histories = chosenCampaigns(await readHistories(log, TOPICS), campaigns);
    const model = await readModel(log, histories, models.get);
    // Loaded late: drawing takes a library that a run may never need.
    const { renderReport } = await import('../../report/render-report.ts');
    await writeOutput(path, renderReport(model));
  } finally {
    await models.close();
    await log.close();
  }
}

/** The named campaigns, or all, the earliest first. */
function chosenCampaigns(all: CampaignHistories, names: readonly string[] | undefined): CampaignHistory[] {
  const everything = names === undefined && all.size > 0 ? [...all.keys()] : (names ?? [undefined]);
  const chosen = [...new Set(everything)].map((name) => chooseCampaign(all, name));
  chosen.sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  checkComparable(chosen, [...all.keys()]);
  return chosen;
}

/** One campaign after the other: each holds all feature vectors. */
async function readModel(
  log: EventLogReader,
  histories: readonly CampaignHistory[],
  models: () => ModelStore,
): Promise<ReportModel> {
  const parts: ReportPart[] = [];
  for (const history of histories) {
    const trainedBy = createTrainedMembers(TOPICS.members, ({ engine }) => engine);
    const reading = await readCampaignData(log, history, trainedBy);
    const engines = history.rounds.flatMap(({ opened }) => {
      const members = trainedBy.of(history.created, opened);
      return members.size === history.created.config.ensemble.members ? [...members.values()] : [];
    });
    parts.push(reportPart(reading, await latestModels(log, history, models), engines));
  }
  const [first, ...others] = parts;
  const written = { generatedAt: new Date().toISOString(), elastreamVersion: packageVersion() };
  return reportModel([first!, ...others], written);
}

/** Of the round that a report looks at; undefined where there is none, or one of its models is lost or damaged. */
async function latestModels(
  log: EventLogReader,
  history: CampaignHistory,
  models: () => ModelStore,
): Promise<EnsembleModels | undefined> {
  const latest = measuredRounds(history).at(-1);
  const trained = latest && (await readTrained(log, history, latest));
  if (trained === undefined) return undefined;
  try {
    return await loadModels(models(), trained.members);
  } catch (error) {
    if (error instanceof AppError && /^(input_unreadable|storage_corrupt)$/.test(error.code)) return undefined;
    throw error;
  }
}

/** Opens at the first use, since it may never be needed, and closes what was opened. */
function lazily<T extends { close(): Promise<void> }>(open: () => T): { get(): T; close(): Promise<void> } {
  let opened: T | undefined;
  return {
    get() {
      opened ??= open();
      return opened;
    },
    close: async () => opened?.close(),
  };
}
