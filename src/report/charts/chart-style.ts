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
  geometry: '#cc79a7',
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
  geometry: '#d68fb6',
  composition: '#e6a72c',
  mp: '#2bb58a',
};

/** How many arms have a colour of their own; beyond, colours repeat with other marks. */
export const ARM_COLOURS = 4;

/** What the charts' elements inherit, and Plot's own: axes and grid. Marks have their colours as the page's variables. */
export const CHART_STYLE = `
.chart { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: var(--ink); text-anchor: middle }
.chart [aria-label$="axis label"] { font-size: 13px; font-weight: 600 }
.chart [aria-label$="axis tick"] { stroke: var(--soft) }
.chart [aria-label$="-grid"] { stroke: var(--grid); stroke-opacity: 1 }
`;

/** The colours as variables: dark where the reader prefers it, never on paper. */
export const COLOUR_VARIABLES = `
:root { ${variables(LIGHT)} }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; ${variables(DARK)} } }
`;

/** The chart as a file of its own: drawing programs know no variables. */
export function inLightColours(svg: string): string {
  return svg.replace(/var\(--(\w+)\)/g, (variable, name: string) => LIGHT[name] ?? variable);
}

function variables(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--${name}: ${colour}`)
    .join('; ');
}
