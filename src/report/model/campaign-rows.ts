import { featureIndices, schemaFeatures } from '../../featurizers/feature-schema.ts';
import type { CampaignConfig, StopRule } from '../../learning/campaign/campaign-config.ts';
import { poolSize } from '../../learning/campaign/round-snapshot.ts';
import type { FilterReason } from '../../learning/data/data-filters.ts';
import type { InputRejected } from '../../model/events.ts';
import type { Target } from '../../model/target.ts';
import { quantities, targetWords } from '../../model/target-words.ts';
import { trainingLabelCount } from '../../reading/campaign-history.ts';
import { count, fixed } from '../number-text.ts';
import type { ReportRow } from '../report-model.ts';
import type { ReportedCampaign } from './reported-campaign.ts';

interface SharedSettings {
  /** The rule that holds now; it can be raised after the creation. */
  readonly stopRule: StopRule;
  readonly seeds: readonly number[];
  readonly engines: readonly string[];
}

/** What the arms have in common, as decided at their creation. */
export function settingsRows(config: CampaignConfig, { stopRule, seeds, engines }: SharedSettings): ReportRow[] {
  const { sampling, ensemble, acquisition, features, calculator } = config;
  const { booster, kinds } = ensemble;
  const percent = (share: number) => `${fixed(100 * share, Number.isInteger(100 * share) ? 0 : 1)} %`;
  return [
    ['Targets', config.targets.map((target) => targetWords(target).name).join(', ')],
    ['Features', `${features} (${featureIndices(features).length} of ${schemaFeatures(features).length})`],
    ['Members', count(ensemble.members)],
    [
      'Each member',
      `${booster.trees} trees of up to ${booster.leavesMax} leaves, learning rate ${booster.learningRate}, ` +
        `${percent(booster.featureFraction)} of the features per tree, up to ${booster.binsMax} bins, ` +
        `at least ${booster.rowsPerLeafMin} rows per leaf` +
        `${kinds ? '; members of several kinds, in turn' : ''}`,
    ],
    ['Sampling', samplingText(config)],
    ['Test set', `${percent(sampling.testFraction)} of the labels`],
    [
      'Held out',
      `${percent(sampling.holdOutFraction)} of the other labels, for each member others` +
        `${sampling.trainAcquired ? '; acquired labels never' : ''}`,
    ],
    ['Candidates', candidatesText(config)],
    ['Batch', `${count(acquisition.batch)} per round`],
    ...weightRows(config),
    ['Stop', stopText(stopRule)],
    ['Calculator', calculator.kind],
    [seeds.length === 1 ? 'Seed' : 'Seeds', seeds.join(', ')],
    ...engines.map((engine): ReportRow => ['Trained on', engine]),
  ];
}

function samplingText({ sampling: { model }, targets }: CampaignConfig): string {
  if (model.model === 1) return `model 1: ${model.focusElement} in the test set only`;
  if (model.model === 2) return 'model 2: at random';
  const limits = Object.entries(model.trainFromGpa).filter(([target]) => targets.includes(target as Target));
  const texts = limits.map(([target, limit]) => `${targetWords(target as Target).symbol} from ${limit} GPa`);
  return `model 3: stratified, ${texts.join(' and ')} always trained on`;
}

function candidatesText({ candidates }: CampaignConfig): string {
  if (candidates.from === 'files') return `structures of ${candidates.paths.join(', ')}`;
  const amount = 'count' in candidates ? count(candidates.count) : `${fixed(100 * candidates.fraction, 1)} % of the`;
  const first = candidates.first === undefined ? '' : `, those with ${candidates.first} first`;
  const element = `${candidates.element === undefined ? '' : ` that hold ${candidates.element}`}${first}`;
  return `${amount} materials of the data${element}, their labels hidden`;
}

function weightRows({ acquisition: { weights }, targets }: CampaignConfig): ReportRow[] {
  const values = targets.map((target) => weights[target] ?? 1);
  if (values.every((value) => value === 1)) return [];
  return [['Weights', targets.map((target, t) => `${targetWords(target).symbol} ${values[t]}`).join(', ')]];
}

function stopText({ labels, rounds, below = {}, confidence, errorShare, unimprovedRounds }: StopRule): string {
  const percent = (share = 0) => `${fixed(100 * share, 0)} %`;
  const of = (table: Readonly<Partial<Record<Target, number>>>) =>
    quantities(
      Object.entries(table).map(([target, limit]) => [target, `${limit}`] as const),
      ', ',
    );
  const rules = [
    ...(labels === undefined ? [] : [`after ${count(labels)} labels`]),
    ...(rounds === undefined ? [] : [`after ${count(rounds)} rounds`]),
    ...(below.mae ? [`when the reserve's MAE is below ${of(below.mae)}, with ${percent(confidence)} confidence`] : []),
    ...(below.errors
      ? [`when ${percent(errorShare)} of errors are below ${of(below.errors)}, with ${percent(confidence)} confidence`]
      : []),
    ...(below.gain ? [`when the next batch takes less than ${of(below.gain)} off the reserve's MAE`] : []),
    ...(below.uncertainty ? [`when the candidates' mean calibrated STDEV is below ${of(below.uncertainty)}`] : []),
    ...(unimprovedRounds === undefined ? [] : [`after ${count(unimprovedRounds)} rounds without a better label`]),
  ];
  return rules.length === 0 ? 'when no candidate is left' : rules.join(' or ');
}

/** What the campaign's data is, and what was left out of it and why. */
export function dataRows({ history, catalogue, frozen, rejected }: ReportedCampaign): ReportRow[] {
  const { created, rounds } = history;
  const sources = new Set(created.sources);
  const materials = catalogue.versions().filter(([, versions]) => versions.some(({ source }) => sources.has(source)));
  const read: ReportRow[] = [
    ...created.sources.map((source): ReportRow => ['Source', source]),
    ['Materials', count(materials.length)],
  ];
  const refused = rejectionRows(created.config, created.sources, rejected);
  const [first, last] = [rounds[0], rounds.at(-1)];
  // Before the first round the data may still be on its way.
  if (first === undefined || last === undefined) return [...read, ...refused];
  return [
    ...read,
    ['Labels', count(frozen.labelled)],
    ...filterRows('Labels left out', frozen.dropped.data),
    ['Test set', count(first.opened.snapshot.testSet.count)],
    ['Training labels of the first round', count(trainingLabelCount(first))],
    ['Candidates of the first round', count(poolSize(first.opened.snapshot))],
    ...filterRows('Candidates left out', frozen.dropped.candidates),
    ...frozen.criteria
      .filter(({ notJudged }) => notJudged > 0)
      .map(
        ({ criterion, notJudged }): ReportRow => [
          `Candidates not judged: ${criterion.replaceAll('_', ' ')}`,
          `${count(notJudged)}, of which it is not known`,
        ],
      ),
    ...refused,
  ];
}

function filterRows(label: string, dropped: Partial<Record<FilterReason, number>>): ReportRow[] {
  return Object.entries(dropped).map(([reason, n]) => [`${label}: ${reason.replaceAll('_', ' ')}`, count(n)]);
}

/** Other campaigns of the directory may have other sources. */
function rejectionRows(
  { data, candidates }: CampaignConfig,
  sources: readonly string[],
  rejected: readonly InputRejected[],
): ReportRow[] {
  const paths = [...data.map(({ path }) => path), ...(candidates.from === 'files' ? candidates.paths : [])];
  const ours = rejected.filter(({ rejection: { source }, calculationId }) => {
    if (calculationId !== undefined) return false;
    return sources.includes(source) || paths.some((path) => source === path || source.startsWith(`${path}/`));
  });
  if (ours.length === 0) return [['Rejected', 'none']];
  const byCode = new Map<string, number>();
  for (const { rejection } of ours) byCode.set(rejection.code, (byCode.get(rejection.code) ?? 0) + 1);
  return [...byCode].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, n]) => [`Rejected: ${code}`, count(n)]);
}
