import type { CampaignState } from '../../src/learning/campaign/campaign-state.ts';
import { nextStep } from '../../src/learning/campaign/campaign-step.ts';
import type { ControlPlane, Progress } from '../../src/ports/control-plane.ts';

/** Tells whoever watches how far a campaign's step is. For eyes only, so a failure is nobody's. */
export interface ProgressReports {
  /** What the state itself tells: members trained, calculations ended. */
  step(campaign: string, state: CampaignState): Promise<void>;
  report(campaign: string, progress: Omit<Progress, 'campaign'>): Promise<void>;
}

export function createProgressReports(control: Pick<ControlPlane, 'publishProgress'>): ProgressReports {
  async function report(campaign: string, progress: Omit<Progress, 'campaign'>): Promise<void> {
    await control.publishProgress({ campaign, ...progress }).catch(() => {});
  }
  return {
    report,
    async step(campaign, state) {
      const step = nextStep(state);
      if (step.step === 'train') {
        const total = state.created!.config.ensemble.members;
        await report(campaign, { round: step.round, step: 'train', done: total - step.missing.length, total });
      } else if (step.step === 'await_calculations') {
        const total = state.rounds.get(step.round)?.selected?.length ?? 0;
        await report(campaign, { round: step.round, step: 'calculate', done: total - step.open.length, total });
      }
    },
  };
}
