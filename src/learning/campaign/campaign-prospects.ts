import type { Target } from '../../model/target.ts';
import { type FrozenData, freezeData } from '../data/campaign-data.ts';
import type { MaterialCatalogue } from '../data/material-catalogue.ts';
import { trainingLabels } from '../data/training-set.ts';
import { memberRows } from '../ensemble/member-split.ts';
import type { CampaignConfig } from './campaign-config.ts';
import type { CampaignCreated } from './campaign-events.ts';
import { roundContents } from './round-contents.ts';

/** The data with which a campaign would begin, examined before it begins. */
export interface CampaignProspects extends Pick<FrozenData, 'labelled' | 'kept' | 'dropped' | 'criteria'> {
  readonly test: number;
  /** The number of materials that only calibrate. */
  readonly reserve: number;
  /** The number of labels that members train on or hold out. */
  readonly training: number;
  readonly candidates: number;
  /** The smallest number of rows on which a member trains a target, and the number of labels that have that target. */
  readonly fewest: { readonly target: Target; readonly member: number; readonly rows: number; readonly known: number };
}

export function campaignProspects(
  created: CampaignCreated,
  catalogue: MaterialCatalogue,
  partitions: number,
): CampaignProspects {
  const { config, campaign } = created;
  const frozen = freezeData(created, catalogue);
  const contents = roundContents({ created, frozen, catalogue, partitions, selectedBefore: new Set() });
  const labels = trainingLabels(contents.training, config, campaign, new Map());
  const counts = Array.from({ length: config.ensemble.members }, (_, member) => {
    const { training, heldOut } = memberRows(labels, member, config.sampling);
    return config.targets.map((target, t) => {
      const rows = training[t]!.length;
      return { target, member, rows, known: rows + heldOut[t]!.length };
    });
  }).flat();
  return {
    labelled: frozen.labelled,
    kept: frozen.kept,
    dropped: frozen.dropped,
    criteria: frozen.criteria,
    test: contents.test.length,
    reserve: frozen.reserve.size,
    training: contents.training.length,
    candidates: contents.pool.reduce((sum, { length }) => sum + length, 0),
    fewest: counts.reduce((least, one) => (one.rows < least.rows ? one : least)),
  };
}

/** The reason why a campaign with these prospects could learn nothing, with a remedy; undefined if it can learn. */
export function hopelessness(prospects: CampaignProspects, config: CampaignConfig): string | undefined {
  const { labelled, kept, dropped, test, training, candidates } = prospects;
  if (labelled === 0) {
    const sets = config.labels.map(({ labelSet }) => labelSet).join(', ');
    const remedy = `give ${config.targets.join(' or ')} in GPa, or accept their label set under labels`;
    return `no material of data has a label that the campaign accepts (of ${sets}): ${remedy}`;
  }
  if (kept === 0) {
    return `the filters leave none of ${labelled} labels (${counted(dropped.data)}): relax data_filters, or correct data or targets`;
  }
  if (test === 0) {
    return `none of ${kept} labels is in the test set, so nothing could be measured: raise sampling.test_fraction, or bring more labels`;
  }
  if (test === kept) {
    return `all of ${kept} labels are in the test set: lower sampling.test_fraction, or bring more labels`;
  }
  if (prospects.reserve === 0 && config.reserve !== undefined) {
    return `the reserve would hold no material: raise reserve.${amountKey(config.reserve)}, or leave reserve out`;
  }
  if (candidates === 0) return `there is no candidate to choose: ${candidateRemedy(prospects, config.candidates)}`;
  if (training === 0) {
    return `no label is left to train on: of ${kept}, ${test} are in the test set and ${candidates} hidden as candidates: ${moreTraining(config.candidates)}, or bring more labels`;
  }
  return tooFewRows(prospects, config);
}

/** With fewer than twice the rows of a leaf, a tree has no split and a member predicts one number for all materials. */
function tooFewRows(
  { fewest: { target, member, rows, known }, training }: CampaignProspects,
  { ensemble: { booster }, candidates }: CampaignConfig,
): string | undefined {
  if (known === 0) {
    return `none of the ${training} labels to train on knows ${target}: take it out of targets, or bring labels with it`;
  }
  const needed = 2 * Math.max(1, booster.rowsPerLeafMin);
  if (rows >= needed) return undefined;
  const have = `member ${member} would train ${target} on ${rows} of ${known} labels`;
  const need = `no tree splits fewer than ${needed}, twice ensemble.booster.min_data_in_leaf`;
  const lower = rows >= 4 ? `set that to ${Math.floor(rows / 4)} or less, ` : '';
  return `${have}, and ${need}: ${lower}${moreTraining(candidates)}, lower sampling.hold_out_fraction, or bring more labels`;
}

type Candidates = CampaignConfig['candidates'];

function moreTraining(candidates: Candidates): string {
  const lower = 'lower sampling.test_fraction';
  return candidates.from === 'files' ? lower : `lower candidates.${amountKey(candidates)}, ${lower}`;
}

function candidateRemedy({ dropped, kept, test, reserve }: CampaignProspects, candidates: Candidates): string {
  const reasons = counted(dropped.candidates);
  const [leftOut, relax] = reasons === '' ? ['', ''] : [` (left out: ${reasons})`, ' or relax candidate_filters'];
  if (candidates.from === 'files') {
    return `${candidates.paths.join(', ')} hold none that data does not label${leftOut}: name other files${relax}`;
  }
  const free = `of the ${kept - test} labelled materials outside the test set none is left`;
  const { element } = candidates;
  if (reserve > 0)
    return `the reserve takes all ${reserve} of them: lower reserve, or raise candidates.${amountKey(candidates)}${relax}`;
  if (element === undefined) return `${free}${leftOut}: raise candidates.${amountKey(candidates)}${relax}`;
  return `${free} that holds ${element}${leftOut}: name another candidates.element${relax}`;
}

function amountKey(amount: { readonly count: number } | { readonly fraction: number }): string {
  return 'count' in amount ? 'count' : 'fraction';
}

/** `negative_modulus 3, inert_gas 1` */
export function counted(reasons: Readonly<Record<string, number>>): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
}
