import type { SelectedCandidate } from '../learning/campaign/campaign-events.ts';
import type { ContentHash } from '../model/content-hash.ts';
import type { Topics } from '../model/topics.ts';
import type { CampaignStates } from './campaign-states.ts';
import type { Projection } from './projection.ts';

/** A calculation that a campaign of a manual calculator waits for. */
export interface AskedCalculation {
  readonly round: number;
  /** In its round, from 1. */
  readonly rank: number;
  readonly candidate: SelectedCandidate;
  /** The present one, from 1. */
  readonly attempt: number;
  /** Why the last attempt failed. */
  readonly lastFailure?: string;
}

/**
 * The calculations that campaigns wait for people to tell of. They follow from the log alone: selected in a round that
 * is open, without a result or an abandonment, and with an attempt left.
 */
export interface AskedCalculations extends Projection {
  /** Best first; none of a campaign that calculates by itself. */
  openOf(campaign: string): AskedCalculation[];
}

/** @param states read before what is asked for here */
export function createAskedCalculations(
  states: Pick<CampaignStates, 'state'>,
  { results, calculations, rejections }: Topics,
): AskedCalculations {
  const ended = new Set<ContentHash>();
  const failures = new Map<ContentHash, Map<number, string>>();
  return {
    topics: [results, calculations, rejections],
    types: ['ResultReceived', 'CalculationAttemptFailed', 'CalculationAbandoned', 'InputRejected'],
    take({ event }) {
      if (event.type === 'CalculationAttemptFailed') {
        const known = failures.get(event.calculationId) ?? new Map<number, string>();
        failures.set(event.calculationId, known);
        if (!known.has(event.attempt)) known.set(event.attempt, event.reason);
      } else if (event.type === 'ResultReceived' || event.type === 'CalculationAbandoned') {
        ended.add(event.calculationId);
      } else if (event.type === 'InputRejected' && event.calculationId !== undefined) ended.add(event.calculationId);
    },
    openOf(campaign) {
      const { created, rounds, stopped } = states.state(campaign);
      if (created?.config.calculator.kind !== 'manual' || stopped !== undefined) return [];
      const { attempts } = created.config.calculator;
      return [...rounds].flatMap(([round, { selected = [], outcomes, expired }]) => {
        if (outcomes !== undefined) return [];
        return selected.flatMap((candidate, place): AskedCalculation[] => {
          const { calculationId } = candidate;
          const failed = failures.get(calculationId) ?? new Map<number, string>();
          if (ended.has(calculationId) || expired.has(calculationId) || failed.size >= attempts) return [];
          const reason = failed.get(failed.size);
          const last = reason === undefined ? {} : { lastFailure: reason };
          return [{ round, rank: place + 1, candidate, attempt: failed.size + 1, ...last }];
        });
      });
    },
  };
}
