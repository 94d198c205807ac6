import { ARM_COLOURS, CHART_STYLE, COLOUR_VARIABLES } from '../charts/chart-style.ts';

const ARM_BORDERS = Array.from(
  { length: ARM_COLOURS },
  (_, i) => `.headline .arm${i + 1} { border-color: var(--arm${i + 1}) }`,
).join('\n');

/** The page's style sheet: one column of figures on a telephone, two on a desk and on paper. */
export const PAGE_STYLE = `${COLOUR_VARIABLES}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem }
body { margin: 0 auto; padding: 2rem clamp(1rem, 3vw, 2.5rem) 4rem; max-width: 1180px; color: var(--ink);
  background: var(--ground); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
  overflow-wrap: break-word; counter-reset: figure }
h1 { margin: 0; font-size: clamp(1.6rem, 4vw, 2.2rem); line-height: 1.2; letter-spacing: -.01em }
h2 { margin: 2.75rem 0 .75rem; padding-top: 1.25rem; border-top: 1px solid var(--line); font-size: 1.35rem; line-height: 1.25 }
h3 { margin: 1.75rem 0 .4rem; font-size: 1.05rem }
p { margin: .5rem 0; max-width: 75ch }
a { color: var(--arm1) }
.soft, nav, .caption, figcaption { color: var(--soft) }
.soft { margin: .3rem 0 0 }
.banner { margin: 0 0 1.5rem; padding: .7rem 1rem; max-width: none; border: 2px solid var(--arm2); border-radius: 8px; font-weight: 600 }
.banner strong { color: var(--arm2) }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 1rem 0 0; padding: 0; list-style: none; font-size: .92rem }
.headline { margin: 1.5rem 0 1.75rem; padding: 0; list-style: none; font-size: clamp(1.05rem, 2.2vw, 1.2rem); line-height: 1.5 }
.headline li { margin: .45rem 0; padding-left: 1rem; border-left: 4px solid var(--arm1) }
.headline strong { font-weight: 650 }
${ARM_BORDERS}
.note { padding-left: 1rem; border-left: 4px solid var(--line) }
.empty { padding: 1.2rem; border: 1px dashed var(--line); border-radius: 8px; color: var(--soft); max-width: none }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); gap: 1.5rem 2rem; margin: 1rem 0; align-items: start }
figure { margin: 0; min-width: 0; counter-increment: figure }
figcaption { margin-top: .35rem; font-size: .875rem; line-height: 1.45 }
figcaption::before { content: "Figure " counter(figure) ". "; font-weight: 600; color: var(--ink) }
.chart { display: block; width: 100%; height: auto }
.download { white-space: nowrap }
.scroll { overflow-x: auto; margin: .75rem 0; background:
  linear-gradient(90deg, var(--ground) 1rem, transparent) left / 2rem 100% no-repeat local,
  linear-gradient(-90deg, var(--ground) 1rem, transparent) right / 2rem 100% no-repeat local,
  linear-gradient(90deg, var(--line), transparent) left / .5rem 100% no-repeat scroll,
  linear-gradient(-90deg, var(--line), transparent) right / .5rem 100% no-repeat scroll }
.scroll:focus-visible { outline: 2px solid var(--arm1); outline-offset: 2px }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums }
.caption { margin: 1rem 0 -.4rem; max-width: none; font-size: .875rem }
th, td { padding: .32rem .8rem .32rem 0; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--grid) }
th:last-child, td:last-child { padding-right: 0 }
thead th { border-bottom: 1.5px solid var(--line); font-weight: 600; vertical-align: bottom; white-space: nowrap }
tbody th { font-weight: inherit }
.number { text-align: right; white-space: nowrap }
.id { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .95em; overflow-wrap: anywhere }
time { white-space: nowrap }
.outcome.rejected, .outcome.abandoned, .outcome.expired { color: var(--arm2) }
.outcome.pending { color: var(--soft) }
.scroll table { width: 100% }
.numbers .scroll table { width: auto }
details { margin: .5rem 0 }
.numbers { margin: .1rem 0; font-size: .92rem }
summary { cursor: pointer; padding: .25rem 0 }
.beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 0 2.5rem; align-items: start }
.beside table { font-size: .8rem }
.beside .number, .beside thead th { white-space: normal }
.pairs { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 0 2.5rem; align-items: start }
.pairs td { overflow-wrap: anywhere }
.pairs th { width: 38% }
@media screen and (max-width: 760px) {
  table { font-size: .74rem }
  th, td { padding-right: .4rem }
  .number, thead th, time { white-space: normal }
}
@media print {
  @page { size: A4; margin: 14mm }
  body { max-width: none; padding: 0; font-size: 10pt; background: none }
  nav, .download, details.numbers:not([open]) { display: none }
  .figures { grid-template-columns: 1fr 1fr; gap: 5mm }
  .scroll { overflow: visible; background: none }
  table { font-size: 8pt }
  h2 { margin-top: 7mm; break-after: avoid }
  h3, summary, .caption { break-after: avoid }
  figure, tr, .headline, .banner { break-inside: avoid }
  details.round::details-content { content-visibility: visible; display: block; height: auto; block-size: auto }
}
${CHART_STYLE}`;
