import type { FeatureGroup } from '../../featurizers/feature-schema.ts';
import type { Target } from '../../model/label.ts';
import { html, type Markup } from '../markup.ts';
import { fixed, plural } from '../number-text.ts';
import type { ReportModel } from '../report-model.ts';
import { TARGET_WORDS } from '../target-words.ts';
import { chartFigure, noChart, noModels } from './chart-figure.ts';
import { PLOT_WIDTH } from './plot-frame.ts';

const SHOWN_MAX = 25;
const ROW_HEIGHT = 19;
const TOP = 34;
const BARS_LEFT = 296;
/** Room for the number behind the longest bar. */
const BARS_WIDTH = PLOT_WIDTH - BARS_LEFT - 50;
const LABEL_CHARACTERS_MAX = 46;

export const GROUP_WORDS: Readonly<Record<FeatureGroup, string>> = {
  structure: 'structure',
  composition: 'composition',
  mp: 'Materials Project',
};
const LEGEND_X: Readonly<Record<FeatureGroup, number>> = { structure: 8, composition: 106, mp: 222 };

/** The features that the latest models gain most from, coloured by group. */
export function importanceBars(model: ReportModel, arm: number, target: Target): Markup {
  const { symbol, name } = TARGET_WORDS[target];
  const { name: armName, importances, modelsMissing } = model.arms[arm]!;
  if (modelsMissing) return noModels(armName);
  const features = (importances[target] ?? [])
    .filter(({ gainShare }) => gainShare > 0 && gainShare <= 1)
    .slice(0, SHOWN_MAX);
  if (features.length === 0) return noChart(`${armName}: no feature importances for ${symbol} yet.`);
  const largest = Math.max(...features.map(({ gainShare }) => gainShare));
  const rows = features.map(({ feature, group, gainShare }, i) => {
    const [y, width] = [TOP + i * ROW_HEIGHT, (gainShare / largest) * BARS_WIDTH];
    return html`<g><title>${feature}: ${percent(gainShare)} of the gain (${GROUP_WORDS[group]})</title>
<text class="y small" x="${BARS_LEFT - 8}" y="${y + 13}">${shortened(feature)}</text>
<rect class="solid ${group}" x="${BARS_LEFT}" y="${y + 3}" width="${width}" height="${ROW_HEIGHT - 6}"/>
<text class="small" x="${BARS_LEFT + width + 6}" y="${y + 13}">${percent(gainShare)}</text></g>`;
  });
  const groups = Object.entries(GROUP_WORDS) as [FeatureGroup, string][];
  const legend = groups.map(
    ([
      group,
      word,
    ]) => html`<g transform="translate(${LEGEND_X[group]} 16)"><rect class="solid ${group}" y="-6" width="12" height="12"/>
<text x="18" y="4">${word}</text></g>`,
  );
  const structural = features.filter(({ group }) => group === 'structure').length;
  const bottom = TOP + features.length * ROW_HEIGHT;
  return chartFigure({
    id: `importances-${target}-${arm + 1}`,
    width: PLOT_WIDTH,
    height: bottom + 10,
    title: `Most important features for the ${name}, ${armName}`,
    description: features.map(({ feature, gainShare }) => `${feature} ${percent(gainShare)}`).join(', '),
    body: [legend, html`<path class="axis" d="M${BARS_LEFT} ${TOP}V${bottom}"/>`, rows],
    caption: html`${armName}: share of the total gain of the latest models for ${symbol}. Of these \
${plural(features.length, 'feature')} ${structural} ${structural === 1 ? 'is' : 'are'} structural.`,
  });
}

function percent(share: number): string {
  return `${fixed(100 * share, 1)} %`;
}

/** The bar's label: without the table that all composition features come from, and never into the margin. */
function shortened(feature: string): string {
  const label = feature.replace(/^MagpieData /, '');
  return label.length > LABEL_CHARACTERS_MAX ? `${label.slice(0, LABEL_CHARACTERS_MAX - 1)}\u2026` : label;
}
