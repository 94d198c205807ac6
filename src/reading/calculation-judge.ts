import type { SelectedCandidate } from '../learning/campaign/campaign-events.ts';
import { campaignLabelSet } from '../learning/data/campaign-data.ts';
import type { ContentHash } from '../model/content-hash.ts';
import type { Topics } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import { createCampaignStates } from './campaign-states.ts';
import { readingOn } from './read-to-end.ts';

/** What is said of a calculation that some campaign is to have asked for. */
interface OfCalculation {
  readonly calculationId: ContentHash;
  readonly materialId: string;
  readonly materialHash: ContentHash;
  /** Of the campaign. */
  readonly labelSet: string;
}

export interface CalculationJudge {
  /** Why no campaign has asked for this; undefined where one has, and where only a newer version can tell. */
  problem(of: OfCalculation): Promise<string | undefined>;
}

/**
 * Tells results that nobody has asked for, which would give labels to whatever they name. What a campaign asks for
 * follows from its accepted selections, which stand in another topic, before all that follows from them: what is not
 * known yet is looked for at that topic's end.
 */
export function createCalculationJudge(
  log: Pick<EventLogReader, 'topics' | 'endOffsets' | 'read'>,
  { campaigns }: Pick<Topics, 'campaigns'>,
): CalculationJudge {
  const states = createCampaignStates(campaigns);
  const readOn = readingOn(log, states);
  const isKnown = (of: OfCalculation) => {
    const campaign = states.names().find((name) => campaignLabelSet(name) === of.labelSet);
    if (campaign === undefined) return false;
    const { rounds, newer } = states.state(campaign);
    return (
      newer !== undefined ||
      [...rounds.values()].toReversed().some(({ selected }) => selected?.some((one) => isSame(one, of)))
    );
  };
  return {
    async problem(of) {
      if (isKnown(of)) return undefined;
      await readOn();
      if (isKnown(of)) return undefined;
      return `no campaign of label set "${of.labelSet}" has selected calculation ${of.calculationId} of ${of.materialId}`;
    },
  };
}

function isSame(selected: SelectedCandidate, { calculationId, materialId, materialHash }: OfCalculation): boolean {
  if (selected.calculationId !== calculationId) return false;
  return selected.materialId === materialId && selected.materialHash === materialHash;
}
