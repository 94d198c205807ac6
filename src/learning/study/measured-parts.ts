import { atomicNumber } from '../../model/element-symbols.ts';
import type { MaterialFacts } from '../../model/material-facts.ts';
import { MODULI, type Modulus } from '../../model/target.ts';
import type { SubsetMetrics } from '../campaign/campaign-events.ts';
import type { FrozenData } from '../data/campaign-data.ts';
import type { PredictedRow } from '../ensemble/predicted-rows.ts';
import { type MeasuredEnsemble, measureMembers } from './member-measures.ts';
import type { PartId, StudyCampaign } from './paper-study.ts';
import { CERTAIN_GPA, COMMON_GPA, PAPER, type Spread } from './paper-values.ts';
import type { LoopRound, StudyRow } from './study-results.ts';

export function holds(focus: string): (facts: MaterialFacts) => boolean {
  const element = atomicNumber(focus)!;
  return ({ elements }) => elements.includes(element);
}

/** What the filters leave of the database, and how its moduli are distributed (Fig. 2). */
export function databaseRows(
  { labelled, kept, dropped }: FrozenData,
  materials: readonly { readonly facts: MaterialFacts; readonly values: Readonly<Partial<Record<Modulus, number>>> }[],
  focus: string,
): StudyRow[] {
  const { database } = PAPER;
  const row = (label: string, ours: number, paper?: number): StudyRow => ({
    ...{ part: 'database', label, quantity: 'materials', unit: '', ours: { mean: ours } },
    ...(paper !== undefined && { paper: { mean: paper } }),
  });
  const filters = Object.entries(dropped.data).map(([reason, count]) => row(`left out: ${reason}`, count));
  const isFocus = holds(focus);
  return [
    row('with a label', labelled, database.entries),
    ...filters,
    row('left', kept, database.left),
    row(`with ${focus}`, materials.filter(({ facts }) => isFocus(facts)).length, database.focus),
    ...MODULI.map((target): StudyRow => {
      const values = materials.flatMap(({ values }) => values[target] ?? []);
      const common = values.filter((value) => value >= 0 && value <= COMMON_GPA[target]).length;
      return {
        ...{ part: 'database', label: `share from 0 to ${COMMON_GPA[target]} GPa`, target },
        ...{ quantity: 'share', unit: '%', ours: { mean: percent(common, values.length) } },
        paper: { mean: database.sharesPercent[target] },
      };
    }),
  ];
}

/** R2 and MAE of a campaign that only measures (Figs. 3, 4), of all materials and of those with the focus element. */
export function accuracyRows(
  part: PartId,
  { name, label }: StudyCampaign,
  ensemble: MeasuredEnsemble,
  focus: string,
): StudyRow[] {
  const sets = [
    ['all', () => true],
    [focus, holds(focus)],
  ] as const;
  return MODULI.flatMap((target) =>
    sets.flatMap(([materials, isMeant]): StudyRow[] => {
      const { r2, mae, ensemble: mean, materials: count } = measureMembers(ensemble, target, isMeant);
      const row = { part, campaign: name, label, target, materials, count };
      const paper = materials === 'all' ? paperOf(name, target) : {};
      return [
        { ...row, quantity: 'R2', unit: '', ours: r2, ensemble: mean.r2, ...(paper.r2 && { paper: paper.r2 }) },
        { ...row, quantity: 'MAE', unit: 'GPa', ours: mae, ensemble: mean.mae, ...(paper.mae && { paper: paper.mae }) },
      ];
    }),
  );
}

function paperOf(campaign: string, target: Modulus): { readonly r2?: Spread; readonly mae?: Spread } {
  if (campaign.endsWith('features-all')) return PAPER.allFeatures[target];
  return /(features-paper|sampling-3)$/.test(campaign) ? PAPER.finalModel[target] : {};
}

/** What the models say of the candidates before one is added (Fig. 5). */
export function candidateRows(
  { name, label }: StudyCampaign,
  metrics: readonly SubsetMetrics[],
  predicted: readonly PredictedRow[],
  {
    database,
    rankOf,
  }: { readonly database: Readonly<Record<Modulus, readonly number[]>>; rankOf(target: Modulus): number },
): StudyRow[] {
  const { candidates } = PAPER;
  return MODULI.flatMap((target): StudyRow[] => {
    const found = metrics.find((one) => one.target === target && one.subset === 'candidates');
    if (!found) return [];
    const row = {
      part: 'uncertainty',
      campaign: name,
      label,
      target,
      materials: 'candidates',
      count: found.rows,
    } as const;
    const t = rankOf(target);
    const certain = predicted.filter(({ standardDeviation }) => standardDeviation[t]! <= CERTAIN_GPA[target]).length;
    const limit = topTenth(database[target]);
    const stiff = predicted.filter(({ mean }) => mean[t]! >= limit).length;
    return [
      {
        ...{
          ...row,
          quantity: 'MAE',
          unit: 'GPa',
          ours: { mean: found.memberMae, standardDeviation: found.maeStandardDeviation },
        },
        ...{ ensemble: found.mae, paper: candidates.mae[target] },
      },
      {
        ...{ ...row, quantity: `STDEV up to ${CERTAIN_GPA[target]} GPa`, unit: '%' },
        ...{ ours: { mean: percent(certain, predicted.length) }, paper: { mean: candidates.certainPercent[target] } },
      },
      {
        ...{ ...row, quantity: `in the top 10 % of the database (from ${limit.toFixed(0)} GPa)`, unit: '' },
        ...{ ours: { mean: stiff }, paper: { mean: candidates.stiffest[target] } },
      },
    ];
  });
}

/** The smallest value of the largest tenth. */
function topTenth(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => b - a);
  return sorted[Math.max(0, Math.ceil(sorted.length / 10) - 1)] ?? Number.NaN;
}

/** How often a loop is told in the tables: the beginning, the end, and evenly in between. */
const CHECKPOINTS = 4;
/** Where the paper looks: Fig. 7, and the end of its random loop. */
const PAPERS_CHECKPOINTS = [1_000, PAPER.randomLoop.added];

/** The error on the candidates not yet added as a loop goes on (Figs. 6, 7, S4). */
export function loopRows(part: PartId, { name, label }: StudyCampaign, rounds: readonly LoopRound[]): StudyRow[] {
  // At the end the pool may be empty.
  const told = rounds.filter(({ subset, count }) => subset === 'candidates' && count > 0);
  const last = Math.max(0, ...told.map(({ added }) => added));
  const even = Array.from({ length: CHECKPOINTS + 1 }, (_, i) => (last * i) / CHECKPOINTS);
  const wanted = [...even, ...PAPERS_CHECKPOINTS.filter((added) => added <= last)];
  return MODULI.flatMap((target) => {
    const own = told.filter((round) => round.target === target);
    const shown = own.filter(({ added }, i) => {
      const next = own[i + 1]?.added ?? Number.POSITIVE_INFINITY;
      return wanted.some((one) => one >= added && one < next);
    });
    return shown.map(({ added, count, mae, ensembleMae }): StudyRow => {
      const paper = name.endsWith('-random') && added === PAPER.randomLoop.added ? PAPER.randomLoop.mae : undefined;
      return {
        ...{ part, campaign: name, label: `${label}: ${added} added`, target, materials: 'candidates left', count },
        ...{ quantity: 'MAE', unit: 'GPa', ours: mae, ensemble: ensembleMae },
        ...(paper && { paper: paper[target] }),
      };
    });
  });
}

function percent(part: number, all: number): number {
  return (100 * part) / all;
}
