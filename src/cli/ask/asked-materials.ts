import { selectionReason } from '../../learning/acquisition/selection-reason.ts';
import type { CampaignState } from '../../learning/campaign/campaign-state.ts';
import { createTrainingDomain } from '../../learning/ensemble/training-domain.ts';
import { AppError } from '../../model/app-error.ts';
import type { Material } from '../../model/material.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import { type AskedCalculation, createAskedCalculations } from '../../reading/asked-calculations.ts';
import { type CampaignHistory, createCampaignHistories } from '../../reading/campaign-history.ts';
import { TOPICS } from '../../reading/campaign-log.ts';
import { modelColumns, readCampaignData } from '../../reading/campaign-reading.ts';
import { createCampaignStates } from '../../reading/campaign-states.ts';
import { chooseCampaign } from '../../reading/chosen-campaign.ts';
import { createLogLookup } from '../../reading/log-lookup.ts';
import { readToEnd } from '../../reading/read-to-end.ts';
import { domainWarnings } from '../../text/prediction-text.ts';

/** A material that a campaign waits for. */
export interface AskedMaterial extends AskedCalculation {
  readonly formula: string;
  /** Why it was chosen, in the strategy's words. */
  readonly why: string;
  readonly isOutsideDomain: boolean;
  /** What speaks against its prediction. */
  readonly warnings: readonly string[];
  readonly material: Material;
}

/** What a campaign waits for, by the ids of its materials. */
export interface OpenQuestions {
  readonly history: CampaignHistory;
  readonly state: CampaignState;
  /** Best first. */
  readonly open: readonly AskedCalculation[];
  /** The calculations that it has asked for and waits for no more. */
  readonly answered: ReadonlySet<string>;
}

/** The same with all that is known of them. */
export interface Asked extends OpenQuestions {
  /** The first of `open`. */
  readonly materials: readonly AskedMaterial[];
}

/** @throws AppError `invalid_argument` where there is no such campaign, or it calculates by itself */
export async function readOpen(log: EventLogReader, name: string | undefined): Promise<OpenQuestions> {
  const states = createCampaignStates(TOPICS.campaigns);
  const histories = createCampaignHistories(states);
  const asked = createAskedCalculations(states, TOPICS);
  await readToEnd(log, states, asked);
  const history = chooseCampaign(histories, name);
  const { campaign, config } = history.created;
  if (config.calculator.kind !== 'manual') {
    const message = `campaign ${campaign} calculates by itself (calculator.kind: ${config.calculator.kind}) and asks nobody`;
    throw new AppError('invalid_argument', message);
  }
  const state = states.state(campaign);
  const open = asked.openOf(campaign);
  const isOpen = new Set(open.map(({ candidate }) => candidate.calculationId));
  const all = [...state.rounds.values()].flatMap(({ selected = [] }) => selected.map((one) => one.calculationId));
  const answered = new Set(all.filter((id) => !isOpen.has(id)));
  return { history, state, open, answered };
}

/** As `readOpen`. @param count of the best, at most */
export async function readAsked(log: EventLogReader, name: string | undefined, count = Infinity): Promise<Asked> {
  const questions = await readOpen(log, name);
  const first = questions.open.slice(0, count);
  const materials = first.length === 0 ? [] : await described(log, questions.history, first);
  return { ...questions, materials };
}

async function described(
  log: EventLogReader,
  history: CampaignHistory,
  open: readonly AskedCalculation[],
): Promise<AskedMaterial[]> {
  const { config } = history.created;
  const reading = await readCampaignData(log, history);
  const lookup = createLogLookup(log, TOPICS);
  const round = history.rounds.findLast(({ round: number }) => number === open[0]!.round)!;
  const domainOf = createTrainingDomain(reading.contents(round).training, modelColumns(history));
  return Promise.all(
    open.map(async (one) => {
      const { materialId, materialHash } = one.candidate;
      const version = reading.catalogue.version(materialId, materialHash);
      const material = await lookup.materialVersion(materialId, materialHash);
      if (version === undefined || material === undefined) {
        throw new AppError('internal', `the log asks for ${materialId} and does not hold its structure`);
      }
      const finding = domainOf(version.facts.elements, version.vector);
      return {
        ...one,
        formula: version.facts.reducedFormula,
        why: selectionReason(config, one.candidate),
        isOutsideDomain: finding.isOutside,
        warnings: domainWarnings(finding),
        material,
      };
    }),
  );
}
