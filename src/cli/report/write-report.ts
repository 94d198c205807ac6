import { packageVersion } from '../../adapters/in-process/package-version.ts';
import { openOutput } from '../../adapters/writers/output-file.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import type { ModelStore } from '../../ports/model-store.ts';
import { type CampaignHistory, type RoundHistory, readHistories } from '../../reading/campaign-history.ts';
import { createTrainedMembers } from '../../reading/trained-members.ts';
import { openCampaignLog, openCampaignModels, TOPICS } from '../campaign/campaign-directory.ts';
import { type CampaignReading, loadModels, readCampaignData, readTrained } from '../campaign/campaign-reading.ts';
import { dataRows, settingsRows } from './campaign-rows.ts';
import { comparedCampaigns } from './compared-campaigns.ts';
import { dataCredits } from './data-credits.ts';
import { readArm } from './read-arm.ts';
import { renderReport } from './render-report.ts';
import type { ReportArm, ReportModel, ReportRow } from './report-model.ts';

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
    const histories = comparedCampaigns(await readHistories(log, TOPICS), campaigns);
    const page = renderReport(await reportModel(log, histories, models.get));
    const output = await openOutput(path);
    try {
      await output.write(Buffer.from(page));
      await output.commit();
    } catch (error) {
      await output.discard();
      throw error;
    }
  } finally {
    await models.close();
    await log.close();
  }
}

async function reportModel(
  log: EventLogReader,
  histories: readonly CampaignHistory[],
  models: () => ModelStore,
): Promise<ReportModel> {
  const arms: ReportArm[] = [];
  const engines = new Set<string>();
  let data: ReportRow[] = [];
  let simulated = false;
  // One after the other: each holds all feature vectors.
  for (const history of histories) {
    const trainedBy = createTrainedMembers(TOPICS.members, ({ engine }) => engine);
    const reading = await readCampaignData(log, history, trainedBy);
    const ensembleOf = async (round: RoundHistory) => {
      const trained = await readTrained(log, history, round);
      return trained && loadModels(models(), trained.members);
    };
    arms.push(await readArm(reading, ensembleOf));
    for (const { opened } of history.rounds) {
      const members = trainedBy.of(history.created, opened);
      const isTrained = members.size === history.created.config.ensemble.members;
      for (const engine of isTrained ? members.values() : []) engines.add(engine);
    }
    simulated ||= isSimulated(reading);
    if (arms.length === 1) data = dataRows(reading);
  }
  const { config, campaign } = histories[0]!.created;
  return {
    name: campaign,
    generatedAt: new Date().toISOString(),
    elastreamVersion: packageVersion(),
    simulated,
    status: statusOf(histories),
    targets: config.targets,
    settings: settingsRows(config, [...engines].sort()),
    data,
    arms,
    credits: dataCredits(config),
  };
}

/** Whether any label that was trained on comes from a formula. */
function isSimulated({ history, contents }: CampaignReading): boolean {
  if (history.created.config.calculator.kind === 'simulated') return true;
  const round = history.rounds.at(-1);
  return round !== undefined && contents(round).examples.some(({ label }) => label.method.kind === 'simulated');
}

/** `stopped: labels`, `in round 3`; arms that are not equally far one by one. */
function statusOf(histories: readonly CampaignHistory[]): string {
  const states = histories.map(({ stopped, rounds }) => {
    if (stopped !== undefined) return `stopped: ${stopped}`;
    return rounds.length === 0 ? 'before its first round' : `in round ${rounds.length}`;
  });
  const [first] = states;
  if (states.every((state) => state === first)) return first!;
  return states.map((state, i) => `${histories[i]!.created.config.acquisition.strategy} ${state}`).join(', ');
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
