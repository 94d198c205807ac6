import type { ContentHash } from '../../src/model/content-hash.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import type { Projection } from '../../src/reading/projection.ts';
import type { Received } from '../../src/runtime/decode-records.ts';

/*
 * A campaign's step follows from many events, and a span has one parent. So:
 * 1. A step goes on in the trace of the event that came last: what it waited for. The events before it that no step has
 *    followed yet are links.
 * 2. A round's calculations begin a trace, which links to the selection: otherwise one trace would go through all rounds
 *    of a campaign. It holds their results, and the next round to its selection. A result that somebody tells begins
 *    one, too.
 * 3. Data that comes in from elsewhere belongs to no campaign. The next round that opens links to it.
 */

/** Traces of what the campaigns' steps follow from. Nothing is decided by it. */
export interface CampaignCauses extends Projection {
  /** Runs a step of the campaign within the trace of its causes. */
  step<T>(campaign: string, step: CampaignStepName, action: () => Promise<T>): Promise<T>;
}

interface CampaignStepName {
  readonly name: string;
  readonly round?: number;
}

export interface CampaignCausesParts {
  readonly topics: Topics;
  readonly telemetry: Telemetry | undefined;
  selectedBy(calculationId: ContentHash): readonly { readonly campaign: string }[];
}

/** The steps that begin a trace, and the one that links to new data. */
const CALCULATE = 'request calculations';
const OPEN = 'open a round';
/** Of a campaign that nobody takes forward here, and of data that no campaign uses, the newest are kept. */
const CAUSES_MAX = 64;
const CALCULATION = /^calculation:(h1:[0-9a-f]{64})$/;

export function createCampaignCauses({ topics, telemetry, selectedBy }: CampaignCausesParts): CampaignCauses {
  /** By campaign, the newest last. */
  const causes = new Map<string, string[]>();
  const data: string[] = [];

  function campaignsOf({ event, key, topic }: Received): readonly string[] {
    if (topic === topics.campaigns.name) return [key];
    if (event.type === 'MemberTrained' || event.type === 'MemberFailed') return [event.campaign];
    const calculation = calculationOf(event);
    return calculation === undefined ? [] : selectedBy(calculation).map(({ campaign }) => campaign);
  }

  function note(list: string[], traceparent: string): void {
    if (list.at(-1) === traceparent) return;
    list.push(traceparent);
    if (list.length > CAUSES_MAX) list.shift();
  }

  return {
    topics: [topics.campaigns, topics.members, topics.examples, topics.rejections, topics.calculations],
    types: CAUSING,
    take(received) {
      const { event, traceparent } = received;
      if (!telemetry || traceparent === undefined) return;
      for (const campaign of campaignsOf(received)) {
        const list = causes.get(campaign) ?? [];
        note(list, traceparent);
        if (event.type === 'CampaignStopped') causes.delete(campaign);
        else causes.set(campaign, list);
      }
      if (event.type === 'ExampleFormed' && calculationOf(event) === undefined) note(data, traceparent);
    },
    async step(campaign, { name, round }, action) {
      if (!telemetry) return action();
      const list = causes.get(campaign) ?? [];
      const parent = name === CALCULATE ? undefined : list.at(-1);
      const links = [...list, ...(name === OPEN ? data : [])];
      causes.set(campaign, list.slice(-1));
      const attributes = { 'elastream.campaign': campaign, ...(round !== undefined && { 'elastream.round': round }) };
      return telemetry.inTrace(parent, { name, attributes, links: () => links }, action);
    },
  };
}

const CAUSING: NonNullable<Projection['types']> = [
  ...(['CampaignCreated', 'RoundOpened', 'CalculationExpired', 'Selected', 'RoundClosed'] as const),
  ...(['CampaignResumed', 'CampaignStopped', 'StopRuleRaised'] as const),
  ...(['MemberTrained', 'MemberFailed', 'ExampleFormed', 'InputRejected'] as const),
  ...(['CalculationAbandoned', 'CalculationHalted'] as const),
];

function calculationOf(event: Received['event']): ContentHash | undefined {
  switch (event.type) {
    case 'ExampleFormed':
      return CALCULATION.exec(event.label.provenance)?.[1] as ContentHash | undefined;
    case 'InputRejected':
    case 'CalculationAbandoned':
    case 'CalculationHalted':
      return event.calculationId;
    default:
      return undefined;
  }
}
