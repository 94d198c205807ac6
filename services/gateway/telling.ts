import {
  decideTold,
  type ToldContext,
  type ToldDecision,
  type ToldResult,
  toldContent,
} from '../../src/learning/campaign/told-result.ts';
import { campaignLabelSet } from '../../src/learning/data/campaign-data.ts';
import { AppError } from '../../src/model/app-error.ts';
import { contentHash } from '../../src/model/content-hash.ts';
import type { Label } from '../../src/model/label.ts';
import { RejectedInput, type Rejection } from '../../src/model/rejection.ts';
import type {
  Gateway,
  TellReply,
  TellRequest,
  ToldOutcome,
} from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { fromRejectionMessage } from '../../src/protocol/rejection-message.ts';
import { createCampaignStates } from '../../src/reading/campaign-states.ts';
import { createLogLookup } from '../../src/reading/log-lookup.ts';
import { readingOn } from '../../src/reading/read-to-end.ts';
import type { Publication, Publisher } from '../../src/runtime/publisher.ts';
import { acceptResult } from '../../src/runtime/result-events.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';
import { inputRejected } from '../../src/runtime/source-events.ts';
import { begunCampaign } from './manual-campaign.ts';
import { fromToldMessage } from './told-message.ts';

/*
 * Invariants:
 * 1. A result is answered only after what follows from it is in the log.
 * 2. Calls are decided one after the other, each on the log to its end, so that a result that this process has answered
 *    is known to the next call. Other gateways may decide meanwhile; what then stands twice in the log is one in effect.
 * 3. Two results of one material in one call that differ are refused both: nobody can tell which one is right.
 */

const RESULTS_MAX = 1000;
const MESSAGE_CHARACTERS_MAX = 1000;

type Campaign = ReturnType<typeof begunCampaign>;

/** Creates the Tell call: results that people bring to a campaign. */
export function createTelling(
  { log, topics }: Pick<ServicePorts, 'log' | 'topics'>,
  publisher: Publisher,
): Gateway['Tell'] {
  const states = createCampaignStates(topics.campaigns);
  const readOn = readingOn(log, states);
  const lookup = createLogLookup(log, topics);
  let last: Promise<unknown> = Promise.resolve();

  async function contextOf(created: Campaign, told: ToldResult, calculation: string | undefined): Promise<ToldContext> {
    const { campaign, config, sources } = created;
    const { materialId: id } = told;
    const labelSet = campaignLabelSet(campaign);
    const selected = [...states.state(campaign).rounds.values()].flatMap((round) => round.selected ?? []);
    const asked = selected.find(({ materialId }) => materialId === id);
    if (calculation !== undefined && calculation !== asked?.calculationId) {
      const remedy = "'elastream ask' lists those that it waits for; without one, the material's own is meant";
      throw new RejectedInput('bad_id', `${campaign} has not asked for calculation ${calculation} of ${id}: ${remedy}`);
    }
    const [labels, results, failures, materials] = await Promise.all([
      lookup.labelsOf(id),
      lookup.resultsOf(id),
      lookup.failuresOf(id),
      asked ? [] : lookup.materialsOf(id),
    ]);
    const own = [...labels.filter((label) => label.labelSet === labelSet), ...resultLabels(results, labelSet)];
    const ours = materials.filter(({ source }) => sources.includes(source));
    const versions = new Set((ours.length > 0 ? ours : materials).map((one) => one.materialHash));
    const reasons = new Map<number, string>();
    for (const { calculationId, attempt, reason } of failures) {
      if (calculationId === asked?.calculationId && !reasons.has(attempt)) reasons.set(attempt, reason);
    }
    return { campaign, config, ...(asked && { asked }), labels: own, versions: [...versions], failures: reasons };
  }

  async function decideAll(
    created: Campaign,
    messages: TellRequest['results'],
  ): Promise<(ToldDecision | RejectedInput)[]> {
    const parsed = messages.map((message, i) =>
      caught(() => fromToldMessage(message, `results[${i}]`, created.method)),
    );
    const differing = differingMaterials(parsed);
    return Promise.all(
      parsed.map(async (told, i) => {
        if (told instanceof RejectedInput) return told;
        if (differing.has(told.materialId)) return disagreement(told); // 3
        try {
          return decideTold(told, await contextOf(created, told, messages[i]!.calculationId));
        } catch (error) {
          if (error instanceof RejectedInput) return error;
          throw error;
        }
      }),
    );
  }

  async function tell({ campaign, results, rejections }: TellRequest): Promise<TellReply> {
    await readOn();
    const created = begunCampaign(states, campaign);
    const decisions = await decideAll(created, results);
    const refused = decisions.flatMap((one, i) =>
      one instanceof RejectedInput ? [refusal(campaign, results[i]!, one)] : [],
    );
    const source = `told:${campaign}`;
    const own = rejections.map((rejection) => fromRejectionMessage(rejection));
    await publisher.publish([
      ...decisions.flatMap((one): Publication[] =>
        one instanceof RejectedInput ? [] : one.events.map((event) => ({ event })),
      ),
      ...[...own, ...refused].map((rejection) => ({ event: inputRejected(source, rejection) })),
    ]); // 1
    return { outcomes: decisions.map(outcomeMessage) };
  }

  return async (request) => {
    const { length } = request.results;
    if (length > RESULTS_MAX || request.rejections.length > RESULTS_MAX) {
      const message = `results has ${length} entries; at most ${RESULTS_MAX} are allowed: tell the others in calls of their own`;
      throw new AppError('invalid_argument', message);
    }
    const turn = last.then(() => tell(request)); // 2
    last = turn.catch(() => {});
    return turn;
  };
}

function resultLabels(results: readonly Parameters<typeof acceptResult>[0][], labelSet: string): Label[] {
  return results.flatMap((result) => {
    if (result.labelSet !== labelSet) return [];
    const accepted = acceptResult(result);
    return accepted.type === 'LabelIngested' ? [accepted.label] : [];
  });
}

/** The materials that have two results which are not the same. */
function differingMaterials(all: readonly (ToldResult | RejectedInput)[]): ReadonlySet<string> {
  const contents = new Map<string, string>();
  const differing = new Set<string>();
  for (const told of all) {
    if (told instanceof RejectedInput) continue;
    const { materialId, failure, attempt } = told;
    const materialHash = contentHash('any', []);
    const content = failure === undefined ? toldContent({ ...told, materialHash }) : `${attempt} ${failure}`;
    if ((contents.get(materialId) ?? content) !== content) differing.add(materialId);
    contents.set(materialId, content);
  }
  return differing;
}

function disagreement({ materialId }: ToldResult): RejectedInput {
  const remedy = 'keep the right one, or tell them one after the other if the second corrects the first';
  return new RejectedInput('conflicting_label', `two results of ${materialId} differ: ${remedy}`);
}

function caught<T>(parse: () => T): T | RejectedInput {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RejectedInput) return error;
    throw error;
  }
}

function refusal(
  campaign: string,
  { materialId, provenance }: TellRequest['results'][number],
  error: RejectedInput,
): Rejection {
  const shown = (text: string) => text.slice(0, MESSAGE_CHARACTERS_MAX).toWellFormed();
  return {
    code: error.code,
    message: shown(error.message),
    source: shown(provenance) || `a result told to ${campaign}`,
    ...(materialId !== '' && { materialId: shown(materialId) }),
  };
}

function outcomeMessage(decision: ToldDecision | RejectedInput): ToldOutcome {
  if (decision instanceof RejectedInput) {
    const { code, message } = decision;
    return { outcome: 'refused', refusal: { code, message }, attemptsLeft: 0 };
  }
  return { outcome: decision.outcome, refusal: undefined, attemptsLeft: decision.attemptsLeft ?? 0 };
}
