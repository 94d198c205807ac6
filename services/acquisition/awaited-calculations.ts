import { currentRound } from '../../src/learning/campaign/campaign-step.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { CampaignStates } from '../../src/reading/campaign-states.ts';
import type { Projection } from '../../src/reading/projection.ts';
import type { SettledCalculations } from '../../src/reading/settled-calculations.ts';
import { createCalculationWaits } from './calculation-waits.ts';

/** Measures for how long the open rounds have waited for their calculations. */
export interface AwaitedCalculations extends Projection {
  /** When the round has waited long enough, by this process's monotonic clock. */
  expiryMs(campaign: string, round: number): number;
  /** The number of waits that are remembered. */
  waiting(): number;
}

export interface AwaitedCalculationsParts {
  readonly states: CampaignStates;
  readonly calculations: Pick<SettledCalculations, 'selectedBy'>;
  readonly topics: Pick<Topics, 'calculations'>;
  /** This process's monotonic clock. */
  readonly monotonic: () => number;
}

export function createAwaitedCalculations(parts: AwaitedCalculationsParts): AwaitedCalculations {
  const { states, calculations, topics, monotonic } = parts;
  const waits = createCalculationWaits(monotonic);
  const nameOf = (campaign: string, round: number) => `${campaign} ${round}`;

  states.onChange(({ campaign, event, time, before }) => {
    const current = () => currentRound(states.state(campaign));
    if (event.type === 'Selected') begin(campaign, event.round, time);
    else if (event.type === 'RoundClosed') waits.end(nameOf(campaign, event.round));
    else if (event.type === 'CampaignStopped') waits.end(nameOf(campaign, current()));
    else if (event.type === 'CampaignResumed' && before.parked !== undefined) begin(campaign, current(), time);
  });

  function begin(campaign: string, round: number, time: string): void {
    const { created, rounds } = states.state(campaign);
    const { selected, outcomes } = rounds.get(round) ?? {};
    if (selected === undefined || outcomes !== undefined) return;
    const { expireAfterSeconds: expiry, maxWaitSeconds: early } = created!.config.calculator;
    const expireAfterMs = 1000 * Math.min(expiry ?? Number.POSITIVE_INFINITY, early ?? Number.POSITIVE_INFINITY);
    const ids = selected.map(({ calculationId }) => calculationId);
    waits.begin(nameOf(campaign, round), ids, Date.parse(time), expireAfterMs);
  }

  function isPast({ campaign, round }: { readonly campaign: string; readonly round: number }): boolean {
    const { stopped, rounds } = states.state(campaign);
    return stopped !== undefined || rounds.get(round)?.outcomes !== undefined;
  }

  /** Whether all known rounds that selected the calculation are over. */
  function isOver(calculationId: ContentHash): boolean {
    const selectedBy = calculations.selectedBy(calculationId);
    return selectedBy.length > 0 && selectedBy.every(isPast);
  }

  return {
    topics: [topics.calculations],
    expiryMs: (campaign, round) => waits.overAtMs(nameOf(campaign, round)),
    waiting: waits.remembered,
    take({ event, time }) {
      if (event.type !== 'CalculationRequested' || isOver(event.calculationId)) return;
      waits.requested(event.calculationId, Date.parse(time));
    },
  };
}
