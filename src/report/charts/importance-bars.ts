import { barX, ruleX, text } from '@observablehq/plot';
import type { FeatureGroup } from '../../featurizers/feature-schema.ts';
import type { Target } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import type { Markup } from '../markup.ts';
import { fixed, plural } from '../number-text.ts';
import type { FeatureImportance, ReportModel } from '../report-model.ts';
import { chartFigure, noChart, noModels } from './chart-figure.ts';
import { dotKey } from './legend.ts';

const SHOWN_MAX = 25;
const ROW_HEIGHT = 29;
/** For the names, and for the number behind the longest bar. */
const MARGINS = { left: 286, right: 52, bottom: 8 };
const CHARACTERS_MAX = { label: 44, meaning: 50 };

export const GROUP_WORDS: Readonly<Record<FeatureGroup, string>> = {
  structure: 'structure',
  composition: 'composition',
  geometry: 'bonds and geometry',
  mp: 'Materials Project',
};

/** The features that the latest models gain most from, coloured by group, and what each of them is. */
export function importanceBars(model: ReportModel, arm: number, target: Target): Markup {
  const { symbol, name } = targetWords(target);
  const { name: armName, importances, modelsMissing } = model.arms[arm]!;
  if (modelsMissing) return noModels(armName);
  const features = (importances[target] ?? [])
    .filter(({ gainShare }) => gainShare > 0 && gainShare <= 1)
    .slice(0, SHOWN_MAX);
  if (features.length === 0) return noChart(`${armName}: no feature importances for ${symbol} yet.`);
  const structural = features.filter(({ group }) => group === 'structure').length;
  return chartFigure({
    id: `importances-${target}-${arm + 1}`,
    title: `Most important features for the ${name}, ${armName}`,
    description: features.map(({ feature, gainShare }) => `${feature} ${percent(gainShare)}`).join(', '),
    x: { axis: null, domain: [0, Math.max(...features.map(({ gainShare }) => gainShare))] },
    y: { axis: null, domain: features.map((_, i) => i), padding: 0.3 },
    legend: (Object.entries(GROUP_WORDS) as [FeatureGroup, string][]).map(([group, label]) => ({
      label,
      key: [dotKey({ symbol: 'square', r: 7, fill: `var(--${group})` })],
    })),
    marks: bars(features),
    margins: MARGINS,
    plotHeight: features.length * ROW_HEIGHT,
    caption:
      `${armName}: share of the total gain of the latest models for ${symbol}. Of these ` +
      `${plural(features.length, 'feature')} ${structural} ${structural === 1 ? 'is' : 'are'} structural.`,
  });
}

function bars(features: readonly FeatureImportance[]) {
  const rows = features.map((feature, row) => ({ ...feature, row }));
  const groups = [...new Set(features.map(({ group }) => group))];
  const beside = { x: () => 0, y: 'row', dx: -8, textAnchor: 'end' } as const;
  return [
    ...groups.map((group) =>
      barX(
        rows.filter((row) => row.group === group),
        { x: 'gainShare', y: 'row', fill: `var(--${group})`, title: barName },
      ),
    ),
    ruleX([0], { stroke: 'var(--soft)' }),
    text(rows, { ...beside, dy: -6, fontSize: 11, text: ({ feature }: FeatureImportance) => shortName(feature) }),
    text(rows, {
      ...{ ...beside, dy: 7, fontSize: 10, fill: 'var(--soft)' },
      text: ({ meaning }: FeatureImportance) => cut(meaning ?? '', CHARACTERS_MAX.meaning),
    }),
    text(rows, {
      x: 'gainShare',
      y: 'row',
      dx: 6,
      textAnchor: 'start',
      text: (row: FeatureImportance) => percent(row.gainShare),
    }),
  ];
}

function barName({ feature, meaning, group, gainShare }: FeatureImportance): string {
  return `${feature}${meaning === undefined ? '' : ` (${meaning})`}: ${percent(gainShare)} of the gain, ${GROUP_WORDS[group]}`;
}

function percent(share: number): string {
  return `${fixed(100 * share, 1)} %`;
}

/** Without the table that all composition features come from. */
function shortName(feature: string): string {
  return cut(feature.replace(/^MagpieData /, ''), CHARACTERS_MAX.label);
}

/** Never into the margin. */
function cut(words: string, charactersMax: number): string {
  return words.length > charactersMax ? `${words.slice(0, charactersMax - 1)}\u2026` : words;
}
