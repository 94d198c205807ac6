import { hasNoLogarithm } from '../ensemble/learned-scale.ts';
/*
 * What follows from a result that people tell a campaign. It depends only on what the log holds of the material, so
 * whoever tells it, and however often:
 * 1. The same content is one answer in effect: what the log holds already causes no event.
 * 2. Another content for a material that has an answer corrects it: a label that names the one that it supersedes. Both
 *    are kept. Two corrections of one label, told at the same time in two places, are told apart by their ids.
 *    What was corrected stays so when it is told again, unless to go back to it is what is asked for.
 * 3. A failure counts once per attempt.
 */

import { type ContentHash, contentHash } from '../../model/content-hash.ts';
import type { CalculationAttemptFailed, LabelIngested, MaterialIngested, ResultReceived } from '../../model/events.ts';
import {
  acceptedLabel,
  checkValues,
  createLabel,
  type Label,
  type LabelMethod,
  methodFields,
  valueFields,
} from '../../model/label.ts';
import type { Material } from '../../model/material.ts';
import { materialHash } from '../../model/material-hash.ts';
import type { MaterialId } from '../../model/material-id.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { type MeasuredValues, unitOf } from '../../model/target.ts';
import { campaignLabelSet } from '../data/campaign-data.ts';
import { labelProblem } from '../data/label-gate.ts';
import { type CampaignConfig, definitionOf } from './campaign-config.ts';
import type { SelectedCandidate } from './campaign-events.ts';

/** Either a failure or values. */
export interface ToldResult extends MeasuredValues {
  readonly materialId: MaterialId;
  readonly attempt?: number;
  readonly failure?: string;
  readonly method: LabelMethod;
  /** Float64Array[36], row-major, Voigt order, GPa. */
  readonly tensor?: Float64Array;
  readonly material?: Material;
  /** File and row. */
  readonly provenance: string;
  /** Go back to a result that was corrected since. */
  readonly restore?: boolean;
}

/** What the log holds of the material. */
export interface ToldContext {
  readonly campaign: string;
  readonly config: CampaignConfig;
  /** The campaign's calculation of the material, if it has selected it. */
  readonly asked?: SelectedCandidate;
  /** The reasons of its attempts that failed, by attempt. */
  readonly failures: ReadonlyMap<number, string>;
  /** The campaign's own labels of it: results of its calculation, and what was told besides. */
  readonly labels: readonly Label[];
  /** Its versions. Those of the campaign's sources come first. */
  readonly versions: readonly ContentHash[];
}

type ToldEvent = CalculationAttemptFailed | ResultReceived | MaterialIngested | LabelIngested;

export interface ToldDecision {
  readonly outcome: 'answered' | 'failed' | 'added' | 'corrected' | 'known' | 'superseded';
  readonly events: readonly ToldEvent[];
  /** After a failure. */
  readonly attemptsLeft?: number;
}

const KNOWN: ToldDecision = { outcome: 'known', events: [] };
const SUPERSEDED: ToldDecision = { outcome: 'superseded', events: [] };

/** @throws RejectedInput with the reason and the remedy */
export function decideTold(told: ToldResult, context: ToldContext): ToldDecision {
  if (told.failure !== undefined) return decideFailure(told, told.failure, context);
  checkTold(told, context.config);
  const problem = labelProblem(told, told.material?.structure);
  if (problem) throw new RejectedInput(problem.code, problem.message);
  const { labels, asked } = context;
  const { materialId, material } = told;
  const version = asked?.materialHash ?? (material && materialHash(material)) ?? onlyVersion(materialId, context);
  const labelSet = campaignLabelSet(context.campaign);
  const standing = acceptedLabel(labels, [{ labelSet }]);
  const isTold = (label: Label) => toldContent(label) === toldContent({ ...told, materialHash: version });
  if (standing && isTold(standing)) return KNOWN; // 1
  if (labels.some(isTold) && told.restore !== true) return SUPERSEDED; // 2
  if (asked !== undefined && standing === undefined) {
    return { outcome: 'answered', events: [answer(told, asked, context)] };
  }
  const supersedes = standing && { supersedes: standing.id }; // 2
  const { values, units, tensor, method, provenance } = told;
  const known = { values, ...(units && { units }), ...(tensor && { tensor }), ...supersedes };
  const own = { materialId, materialHash: version, labelSet, method, provenance: `told:${provenance}` };
  const label: LabelIngested = { type: 'LabelIngested', source: labelSet, label: createLabel({ ...own, ...known }) };
  const isNew = asked === undefined && material !== undefined && !context.versions.includes(version);
  const ingested: MaterialIngested[] = isNew
    ? [{ type: 'MaterialIngested', source: labelSet, material, materialHash: version }]
    : [];
  return { outcome: standing ? 'corrected' : 'added', events: [...ingested, label] };
}

/** Equal for the same result, wherever it stands. */
export function toldContent(of: Pick<Label, 'materialId' | 'materialHash' | 'method' | 'tensor'> & MeasuredValues) {
  return contentHash('told', [
    ...[of.materialId, of.materialHash, methodFields(of.method)],
    ...[valueFields(of), of.tensor ?? null],
  ]);
}

function checkTold({ materialId, ...measured }: ToldResult, config: CampaignConfig): void {
  checkValues(materialId, measured);
  const { targets } = config;
  const known = targets.filter((target) => measured.values[target] !== undefined);
  if (known.length === 0) {
    const message = `${materialId} has none of ${targets.join(', ')}, which the campaign predicts; give at least one`;
    throw new RejectedInput('missing_field', message);
  }
  for (const target of known) {
    const { unit: wanted, transform } = definitionOf(config, target);
    const [unit, value] = [unitOf(measured, target), measured.values[target]!];
    if (unit !== wanted) {
      const message = `${target} of ${materialId} is in ${unit || 'no unit'}; give it in ${wanted || 'no unit'}`;
      throw new RejectedInput('out_of_range', message);
    }
    if (!hasNoLogarithm(value, transform)) continue;
    const why = `models learn its logarithm; give a value above 0, or say with failed why there is none`;
    throw new RejectedInput('out_of_range', `${target} of ${materialId} is ${value}, and ${why}`);
  }
}

function onlyVersion(id: MaterialId, { versions, campaign }: ToldContext): ContentHash {
  const [first, second] = versions;
  if (first === undefined) {
    const message = `${campaign} knows no material ${id}: correct the id (case counts), or give its structure with the result`;
    throw new RejectedInput('missing_field', message);
  }
  if (second === undefined) return first;
  const message = `${versions.length} structures are known as ${id}: give the one that was calculated with the result`;
  throw new RejectedInput('conflicting_label', message);
}

function answer(told: ToldResult, asked: SelectedCandidate, { campaign, failures }: ToldContext): ResultReceived {
  const { values, units, tensor, method } = told;
  const { calculationId, materialId, materialHash: version } = asked;
  return {
    type: 'ResultReceived',
    ...{
      calculationId,
      attempt: failures.size + 1,
      materialId,
      materialHash: version,
      labelSet: campaignLabelSet(campaign),
      method,
    },
    ...{ values, ...(units && { units }), ...(tensor && { tensor }) },
  };
}

function decideFailure({ materialId, attempt }: ToldResult, reason: string, context: ToldContext): ToldDecision {
  const { asked, failures, config, labels, campaign } = context;
  const { attempts } = config.calculator;
  if (asked === undefined) {
    const message = `${campaign} has not asked for ${materialId}, so no attempt at it can have failed; leave it out`;
    throw new RejectedInput('bad_message', message);
  }
  const present = failures.size + 1;
  if (failures.has(attempt ?? 0) || (attempt === undefined && failures.get(failures.size) === reason)) return KNOWN; // 3
  if (labels.length > 0) {
    const message = `${materialId} has a result, so its calculation did not fail; leave the reason empty`;
    throw new RejectedInput('conflicting_label', message);
  }
  if (present > attempts || (attempt ?? present) !== present) {
    const remedy = present > attempts ? `all ${attempts} attempts have failed` : `give ${present}, or leave it out`;
    throw new RejectedInput('out_of_range', `attempt of ${materialId} is ${attempt ?? present}: ${remedy}`);
  }
  const { calculationId } = asked;
  const failed = { type: 'CalculationAttemptFailed', calculationId, materialId, attempt: present, reason } as const;
  return { outcome: 'failed', events: [failed], attemptsLeft: attempts - present };
}
