import type { StopRule } from '../learning/campaign/campaign-config.ts';
import { campaignProgress } from '../learning/campaign/campaign-progress.ts';
import type { CampaignState } from '../learning/campaign/campaign-state.ts';
import { latestSelectedRound, parkedReason, stopProgress } from '../learning/campaign/campaign-step.ts';
import { presentStopRule, type StopReason, stopDistances } from '../learning/campaign/stop-rule.ts';
import type { RejectionCode } from '../model/rejection.ts';
import { createAskedCalculations } from './asked-calculations.ts';
import { type CampaignHistory, createCampaignHistories } from './campaign-history.ts';
import { type CampaignLogReader, TOPICS } from './campaign-log.ts';
import { createCampaignStates } from './campaign-states.ts';
import { readingOn } from './read-to-end.ts';
import { createRejections } from './rejections.ts';
import { type RoundRow, roundRow } from './round-row.ts';
import { createSettledCalculations } from './settled-calculations.ts';
import { finiteOrNull } from './uncertainty-rows.ts';

/** What `elastream status --json` says of a campaign. */
export interface CampaignStatus {
  readonly campaign: string;
  /**
   * `waiting`: for results that people tell. `interrupted`: no process runs it, and the command that began it goes on
   * with it.
   */
  readonly state: 'running' | 'waiting' | 'paused' | 'parked' | 'interrupted' | 'finished';
  /** Why it is parked: a failure that no retry cures. */
  readonly parked_reason: string | null;
  readonly stop_reason: StopReason | null;
  /** The process that runs the directory's campaigns; null where there is none. */
  readonly pid: number | null;
  /** The last that was opened, 0 before the first. */
  readonly round: number;
  /** Labels acquired, those of the open round too; null where the stop rule wants no number of them. */
  readonly labels: { readonly added: number; readonly wanted: number | null };
  /** Where the stop rule has been raised: what it was at the beginning, and is now. */
  readonly stop_raised?: { readonly from: StopRule; readonly to: StopRule };
  /** What would stop it, and how near it is, by the last round that has selected; null where nothing tells yet. */
  readonly stops: readonly {
    readonly rule: StopReason;
    readonly target: string | null;
    readonly value: number | null;
    readonly limit: number;
    readonly met: boolean;
  }[];
  /** Candidates that no round has chosen yet. */
  readonly pool_left: number;
  /** Of the round. */
  readonly members: { readonly trained: number; readonly total: number };
  /** Of the round; all zero before its selection. */
  readonly calculations: { readonly labelled: number; readonly pending: number; readonly failed: number };
  /** The last that has selected. */
  readonly last_round: RoundRow | null;
  /** Inputs refused in this directory, by reason. */
  readonly rejections: Readonly<Partial<Record<RejectionCode, number>>>;
  /** Contradictions in the log, for people. */
  readonly alarms: readonly string[];
}

/** Reads the log on from where it stood at the last call. */
export interface StatusReader {
  /** Every campaign of the log, by name. */
  read(): Promise<CampaignStatus[]>;
}

export function createStatusReader(log: CampaignLogReader): StatusReader {
  const states = createCampaignStates(TOPICS.campaigns, TOPICS.members);
  const histories = createCampaignHistories(states);
  const refused = createRejections(TOPICS, ({ rejection }) => rejection.code);
  const asked = createAskedCalculations(states, TOPICS);
  const readOn = readingOn(log, states, createSettledCalculations(states, TOPICS), refused, asked);
  return {
    async read() {
      await readOn();
      const runner = log.runner();
      const rejections: Partial<Record<RejectionCode, number>> = {};
      for (const code of refused.all()) rejections[code] = (rejections[code] ?? 0) + 1;
      const sorted = [...histories].sort(([a], [b]) => (a < b ? -1 : 1));
      return sorted.map(([name, history]) => {
        const questions = asked.openOf(name).length;
        return { ...statusOf(history, states.state(name), runner, questions), rejections };
      });
    },
  };
}

function statusOf(
  history: CampaignHistory,
  state: CampaignState,
  runner: ReturnType<CampaignLogReader['runner']>,
  questions: number,
): Omit<CampaignStatus, 'rejections'> {
  const { campaign, config } = history.created;
  const { round, members, calculations, labelsAcquired, pool } = campaignProgress(state);
  const last = history.rounds.findLast((one) => one.selected !== undefined);
  return {
    campaign,
    state: stateOf(state, { isAtWork: runner !== undefined, questions }),
    stop_reason: state.stopped ?? null,
    parked_reason: parkedReason(state) ?? null,
    pid: runner?.pid ?? null,
    round,
    labels: { added: labelsAcquired, wanted: presentStopRule(state).labels ?? null },
    ...(state.raised && { stop_raised: { from: config.stop, to: state.raised } }),
    stops: stopsOf(state),
    pool_left: pool,
    members,
    calculations,
    last_round: (last && roundRow(history, last)) ?? null,
    alarms: [...state.alarms],
  };
}

function stopsOf(state: CampaignState): CampaignStatus['stops'] {
  const { stopFigures: figures } = state.rounds.get(latestSelectedRound(state)) ?? {};
  const distances = stopDistances(presentStopRule(state), { ...stopProgress(state), ...(figures && { figures }) });
  return distances.map(({ rule, target, value, limit, isMet }) => {
    return { rule, target: target === '' ? null : target, value: finiteOrNull(value), limit, met: isMet };
  });
}

function stateOf(
  state: CampaignState,
  { isAtWork, questions }: { readonly isAtWork: boolean; readonly questions: number },
): CampaignStatus['state'] {
  if (state.stopped !== undefined) return 'finished';
  if (parkedReason(state) !== undefined) return 'parked';
  if (state.paused) return 'paused';
  if (questions > 0) return 'waiting';
  return isAtWork ? 'running' : 'interrupted';
}
