import type { StopRule } from '../../src/learning/campaign/campaign-config.ts';
import type { CampaignState } from '../../src/learning/campaign/campaign-state.ts';
import { endsWithRule, presentStopRule, sameStopRule, stopRuleProblem } from '../../src/learning/campaign/stop-rule.ts';
import { AppError } from '../../src/model/app-error.ts';

/*
 * Invariants:
 * 1. A campaign's requests are done one after the other, in their order: a pause and the resumption after it are both
 *    seen, though the state after both is the one before.
 * 2. A request is done when the campaign's state shows it, whoever brought that about; until then it may be tried again.
 */

export type RequestedCommand =
  | { readonly type: 'PauseCampaign' }
  | { readonly type: 'ResumeCampaign' }
  | { readonly type: 'CancelCampaign' }
  | { readonly type: 'RaiseStopRule'; readonly stop: StopRule };

/** What people want of campaigns, until their writers have done it. */
export interface CampaignRequests {
  /**
   * Resolves when the state shows it.
   * @throws AppError `invalid_argument` where the campaign has stopped, or its stop rule would be lowered
   */
  ask(campaign: string, command: RequestedCommand): Promise<void>;
  /** What is to be done now. */
  next(campaign: string): RequestedCommand | undefined;
  /** Looks at all states again. */
  settle(): void;
  /** Gives up what is asked of a campaign, or of all. */
  refuse(error: AppError, campaign?: string): void;
}

interface CampaignRequest {
  readonly command: RequestedCommand;
  resolve(): void;
  reject(error: AppError): void;
}

export function createCampaignRequests(state: (campaign: string) => CampaignState): CampaignRequests {
  const open = new Map<string, CampaignRequest[]>();

  function settle(campaign: string): void {
    const requests = open.get(campaign) ?? [];
    for (let first = requests[0]; first; first = requests[0]) {
      const now = state(campaign);
      const problem = problemOf(campaign, first.command, now);
      if (isShown(first.command, now)) first.resolve();
      else if (problem) first.reject(new AppError('invalid_argument', problem));
      else return; // 1
      requests.shift();
    }
    open.delete(campaign);
  }

  return {
    ask: (campaign, command) =>
      new Promise((resolve, reject) => {
        open.set(campaign, [...(open.get(campaign) ?? []), { command, resolve, reject }]);
        settle(campaign);
      }),
    next(campaign) {
      settle(campaign);
      return open.get(campaign)?.[0]?.command;
    },
    settle() {
      for (const campaign of [...open.keys()]) settle(campaign);
    },
    refuse(error, campaign) {
      for (const name of campaign === undefined ? [...open.keys()] : [campaign]) {
        for (const { reject } of open.get(name) ?? []) reject(error);
        open.delete(name);
      }
    },
  };
}

/** A campaign that was cancelled before is cancelled: who asks may not have heard the answer. */
function isShown(command: RequestedCommand, state: CampaignState): boolean {
  const { paused, parked, stopped } = state;
  if (command.type === 'CancelCampaign') return stopped === 'cancelled';
  if (command.type === 'RaiseStopRule') return sameStopRule(command.stop, presentStopRule(state));
  if (stopped !== undefined) return false;
  return command.type === 'PauseCampaign' ? paused : !paused && parked === undefined;
}

/** Why it can never be done. */
function problemOf(campaign: string, command: RequestedCommand, state: CampaignState): string | undefined {
  const { stopped } = state;
  const isRaise = command.type === 'RaiseStopRule';
  if (stopped !== undefined && !(isRaise && endsWithRule(stopped)))
    return `campaign ${campaign} has stopped (${stopped}): nothing can be asked of it`;
  const problem = isRaise ? stopRuleProblem(presentStopRule(state), command.stop) : undefined;
  return problem && `campaign ${campaign}: ${problem}`;
}
