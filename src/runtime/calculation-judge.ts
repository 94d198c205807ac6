import { type CampaignState, evolve, initialState } from '../learning/campaign/campaign-state.ts';
import { campaignLabelSet } from '../learning/data/campaign-data.ts';
import type { ContentHash } from '../model/content-hash.ts';
import type { Topics } from '../model/topics.ts';
import type { EventLogReader } from '../ports/event-log.ts';
import { campaignEventOf } from './campaign-events-of.ts';
import type { Received } from './decode-records.ts';
import { createLogCatchUp } from './log-catch-up.ts';

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
  /** By the label set of the campaign. */
  const states = new Map<string, CampaignState>();
  const asked = new Set<string>();

  function take(received: Received): void {
    const said = campaignEventOf(received);
    if (!said) return;
    const labelSet = campaignLabelSet(said.campaign);
    const before = states.get(labelSet) ?? initialState();
    const after = evolve(before, said.event);
    if (after === before) return;
    states.set(labelSet, after);
    if (said.event.type !== 'Selected') return;
    for (const candidate of said.event.candidates) asked.add(nameOf({ ...candidate, labelSet }));
  }

  const readOn = createLogCatchUp(log, [campaigns], take);
  const isKnown = (of: OfCalculation) => asked.has(nameOf(of)) || states.get(of.labelSet)?.newer !== undefined;
  return {
    async problem(of) {
      if (isKnown(of)) return undefined;
      await readOn();
      if (isKnown(of)) return undefined;
      return `no campaign of label set "${of.labelSet}" has selected calculation ${of.calculationId} of ${of.materialId}`;
    },
  };
}

function nameOf({ calculationId, materialId, materialHash, labelSet }: OfCalculation): string {
  return [calculationId, materialHash, materialId, labelSet].join('\n');
}
