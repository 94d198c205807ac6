import { roundOf } from '../../learning/campaign/campaign-state.ts';
import { currentRound } from '../../learning/campaign/campaign-step.ts';
import { createAskedCalculations } from '../../reading/asked-calculations.ts';
import { TOPICS } from '../../reading/campaign-log.ts';
import { createCampaignStates } from '../../reading/campaign-states.ts';
import { readingOn } from '../../reading/read-to-end.ts';
import { results } from '../ask/asked-text.ts';
import { placeArgument } from '../cluster/cluster-url.ts';
import type { CampaignHost } from './campaign-host.ts';

/** What campaigns wait for people to tell. */
export interface Questions {
  /** Whether the campaign's present step can be to wait for people, as far as its own stream tells. */
  mayWait(campaign: string): boolean;
  /** For each campaign that waits what for and how to answer, by the log to its end. */
  ask(campaigns: readonly string[]): Promise<readonly string[]>;
}

export function createQuestions(host: Pick<CampaignHost, 'ports' | 'state'>, place: string): Questions {
  const states = createCampaignStates(TOPICS.campaigns);
  const asked = createAskedCalculations(states, TOPICS);
  const readOn = readingOn(host.ports.log, states, asked);
  return {
    mayWait(campaign) {
      const state = host.state(campaign);
      const { selected = [], outcomes } = roundOf(state, currentRound(state));
      return state.created?.config.calculator.kind === 'manual' && selected.length > 0 && outcomes === undefined;
    },
    async ask(campaigns) {
      await readOn();
      return campaigns.flatMap((campaign) => {
        const open = asked.openOf(campaign);
        if (open.length === 0) return [];
        const which = campaigns.length > 1 ? ` --campaign ${campaign}` : '';
        const how = (command: string) => `elastream ${command} ${placeArgument(place)}${which}`;
        const what = `${campaign} waits in round ${open[0]!.round} for ${results(open.length)}`;
        return [
          `${what}: ${how('ask')} -o next, calculate, ${how('tell')} next/results.csv; then the same command goes on`,
        ];
      });
    },
  };
}
