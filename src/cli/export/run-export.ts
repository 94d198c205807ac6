import { openOutput } from '../../adapters/writers/output-file.ts';
import { createRecordSink, type RecordFormat } from '../../adapters/writers/record-sink.ts';
import { AppError } from '../../model/app-error.ts';
import type { MemberTrained } from '../../model/events.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import { type CampaignHistory, type RoundHistory, readHistories } from '../../reading/campaign-history.ts';
import { TOPICS } from '../../reading/campaign-log.ts';
import { loadModels, readCampaignData, readTrained } from '../../reading/campaign-reading.ts';
import { chooseCampaign } from '../../reading/chosen-campaign.ts';
import { readToEnd } from '../../reading/read-to-end.ts';
import { readRejections } from '../../reading/rejection-counts.ts';
import {
  labelTable,
  memberTable,
  predictionTable,
  roundTable,
  selectionTable,
} from '../../reading/tables/campaign-tables.ts';
import type { RecordTable } from '../../reading/tables/record-table.ts';
import { rejectionTable } from '../../reading/tables/rejection-table.ts';
import { splitTable } from '../../reading/tables/split-table.ts';
import { calibrationTable, uncertaintyTable } from '../../reading/tables/uncertainty-tables.ts';
import { createTrainedMembers, type TrainedMembers } from '../../reading/trained-members.ts';
import type { Received } from '../../runtime/decode-records.ts';
import { openCampaignLog, openCampaignModels } from '../campaign/campaign-directory.ts';

export const EXPORTS = [
  ...(['predictions', 'rounds', 'calibrations', 'uncertainty', 'selections'] as const),
  ...(['members', 'labels', 'split', 'rejections'] as const),
] as const;
export type ExportName = (typeof EXPORTS)[number];

export interface ExportRequest extends RecordFormat {
  readonly directory: string;
  readonly what: ExportName;
  /** `-` for standard output. */
  readonly output: string;
  readonly campaign?: string;
  readonly round?: number;
}

/**
 * Writes a table of a campaign, from log and models alone; beside the process that runs it, too.
 * @returns the number of rows
 * @throws AppError `invalid_argument`, `input_unreadable` without a model that is needed, `output_unwritable`
 */
export async function runExport(request: ExportRequest): Promise<number> {
  const log = openCampaignLog(request.directory);
  const { columns, rows } = await tableOf(request, log).finally(() => log.close());
  const output = await openOutput(request.output);
  try {
    const sink = createRecordSink(output, columns, request);
    let count = 0;
    for (const row of rows) {
      await sink.add(row);
      count++;
    }
    await sink.finish();
    await output.commit();
    return count;
  } catch (error) {
    await output.discard();
    throw error;
  }
}

async function tableOf(request: ExportRequest, log: EventLogReader): Promise<RecordTable> {
  const { what, campaign, round } = request;
  // Of the whole directory, and there before its first campaign is.
  if (what === 'rejections') return rejectionTable(await readRejections(log));
  const history = chooseCampaign(await readHistories(log, TOPICS), campaign);
  const rounds = round === undefined ? history.rounds : [roundNamed(history, round)];
  if (what === 'rounds') return roundTable(history, rounds);
  if (what === 'calibrations') return calibrationTable(history, rounds);
  if (what === 'uncertainty') return uncertaintyTable(history, rounds);
  if (what === 'members') return memberTable(history, await readMembers(log, history.created.campaign), rounds);
  if (what === 'predictions') return predictions(request, log, history);
  const reading = await readCampaignData(log, history);
  if (what === 'selections') return selectionTable(reading, rounds);
  if (what === 'labels') return labelTable(reading, rounds);
  return splitTable(reading, openedRound(history, rounds));
}

async function predictions(
  { directory, round }: ExportRequest,
  log: EventLogReader,
  history: CampaignHistory,
): Promise<RecordTable> {
  const trained = await readTrained(log, history, round === undefined ? undefined : roundNamed(history, round));
  if (!trained) {
    const { campaign } = history.created;
    const which = round ? `round ${round} of ${campaign} is not trained` : `no round of ${campaign} is trained`;
    throw new AppError('invalid_argument', `${which} yet: there is nothing to predict with`);
  }
  const store = openCampaignModels(directory);
  const models = await loadModels(store, trained.members).finally(() => store.close());
  return predictionTable(await readCampaignData(log, history), trained.round, models);
}

/** What a campaign's members were trained to: without held-out predictions, of which there are hundreds of megabytes. */
async function readMembers(log: EventLogReader, campaign: string): Promise<TrainedMembers<MemberTrained>> {
  const none = { heldOutRows: new Int32Array(0), heldOutPredictions: new Float64Array(0) };
  const results = createTrainedMembers(TOPICS.members, (event: MemberTrained): MemberTrained => {
    return { ...event, targets: event.targets.map((target) => ({ ...target, ...none })) };
  });
  const isOwn = ({ event }: Received) => event.type === 'MemberTrained' && event.campaign === campaign;
  await readToEnd(log, { ...results, take: (received) => isOwn(received) && results.take(received) });
  return results;
}

/** The latest of them. */
function openedRound({ created }: CampaignHistory, rounds: readonly RoundHistory[]): RoundHistory {
  const latest = rounds.at(-1);
  if (latest) return latest;
  throw new AppError('invalid_argument', `${created.campaign} has not opened a round yet: nothing is divided`);
}

function roundNamed({ created, rounds }: CampaignHistory, number: number): RoundHistory {
  const found = rounds[number - 1];
  if (found) return found;
  const there = rounds.length === 0 ? 'it has none yet' : `it has rounds 1 to ${rounds.length}`;
  throw new AppError('invalid_argument', `${created.campaign} has no round ${number}; ${there}`);
}
