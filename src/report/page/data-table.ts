import { type Content, html, type Markup } from '../markup.ts';

export interface DataTable {
  /** What a screen reader says. */
  readonly label: string;
  /** Shown above the table: outside of it, or a wide table would make it one long line. */
  readonly caption?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Content[])[];
}

interface Column {
  readonly label: string;
  /** Aligned right, so that digits stand below each other. */
  readonly numeric?: boolean;
}

/** A table that scrolls in itself where the page is narrow; its first column heads the rows. */
export function dataTable({ label, caption, columns, rows }: DataTable): Markup {
  const head = columns.map(({ label, numeric }) => html`<th scope="col"${classOf(numeric)}>${label}</th>`);
  const body = rows.map((row) => html`<tr>${row.map((cell, i) => cellOf(cell, columns[i]!, i === 0))}</tr>\n`);
  return html`${caption === undefined ? undefined : html`<p class="caption">${caption}</p>\n`}
<div class="scroll" tabindex="0" role="group" aria-label="${label}"><table aria-label="${label}">
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>`;
}

function cellOf(cell: Content, { numeric }: Column, heads: boolean): Markup {
  return heads ? html`<th scope="row"${classOf(numeric)}>${cell}</th>` : html`<td${classOf(numeric)}>${cell}</td>`;
}

function classOf(numeric: boolean | undefined): Markup | undefined {
  return numeric ? html` class="number"` : undefined;
}

/** A table behind a line that opens it. */
export function foldedTable(summary: string, table: DataTable): Markup {
  return html`<details class="numbers"><summary>${summary}</summary>${dataTable(table)}</details>`;
}
