/** Okabe and Ito's colours, which the colour-blind tell apart; lighter variants of them on dark ground. */
const LIGHT: Readonly<Record<string, string>> = {
  ground: '#ffffff',
  ink: '#1f2328',
  soft: '#59636e',
  line: '#c4ccd4',
  grid: '#e7eaee',
  neutral: '#8a939c',
  arm1: '#0072b2',
  arm2: '#d55e00',
  arm3: '#00805d',
  arm4: '#b0578d',
  structure: '#56b4e9',
  composition: '#e69f00',
  mp: '#009e73',
};
const DARK: Readonly<Record<string, string>> = {
  ground: '#0d1117',
  ink: '#e6edf3',
  soft: '#a3adb8',
  line: '#4b545e',
  grid: '#21272e',
  neutral: '#8b949e',
  arm1: '#56b4e9',
  arm2: '#ff9a52',
  arm3: '#3fc79c',
  arm4: '#e59fc6',
  structure: '#56b4e9',
  composition: '#e6a72c',
  mp: '#2bb58a',
};

/** How many arms have a colour of their own; beyond, colours repeat with other marks. */
export const ARM_COLOURS = 4;

/** The charts' classes; colours are the page's variables. */
export const CHART_STYLE = `
.chart { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif }
.chart text { fill: var(--ink) }
.chart .x { text-anchor: middle }
.chart .y { text-anchor: end }
.chart .label { font-size: 13px; font-weight: 600 }
.chart .halo { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round }
.chart .axis { fill: none; stroke: var(--soft); stroke-width: 1px }
.chart .grid { fill: none; stroke: var(--grid); stroke-width: 1px }
.chart .ideal { fill: none; stroke: var(--soft); stroke-width: 1.2px; stroke-dasharray: 5 4 }
.chart .curve { fill: none; stroke: currentColor; stroke-width: 2px; stroke-linejoin: round }
.chart .dashed { stroke-dasharray: 7 4 }
.chart .band { fill: currentColor; fill-opacity: .16; stroke: none }
.chart .mark { fill: var(--ground); stroke: currentColor; stroke-width: 1.8px }
.chart .dots { fill: none; stroke: currentColor; stroke-linecap: round; stroke-opacity: .65 }
.chart .bars { fill: none; stroke: currentColor; stroke-width: 1px; stroke-opacity: .5 }
.chart .small { font-size: 11px }
.chart .area { fill: currentColor; fill-opacity: .3; stroke: none }
.chart .solid { fill: currentColor }
.chart .neutral { color: var(--neutral) }
${Array.from({ length: ARM_COLOURS }, (_, i) => `.chart .arm${i + 1} { color: var(--arm${i + 1}) }`).join('\n')}
.chart .structure { color: var(--structure) }
.chart .composition { color: var(--composition) }
.chart .mp { color: var(--mp) }
`;

/** The colours as variables: dark where the reader prefers it, never on paper. */
export const COLOUR_VARIABLES = `
:root { ${variables(LIGHT)} }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; ${variables(DARK)} } }
`;

/** The charts' style for a file of its own: drawing programs know no variables. */
export function chartStyleAlone(): string {
  return CHART_STYLE.replace(/var\(--(\w+)\)/g, (_, name: string) => LIGHT[name]!);
}

function variables(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--${name}: ${colour}`)
    .join('; ');
}
