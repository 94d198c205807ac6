import { html, type Markup } from '../markup.ts';
import { ARM_COLOURS } from './chart-style.ts';

/** Class names of an arm's curve: colour, and a dash that tells arms apart in grey too. */
export function armCurve(arm: number): string {
  return `curve arm${(arm % ARM_COLOURS) + 1}${arm % 2 === 1 ? ' dashed' : ''}`;
}

export function armColour(arm: number): string {
  return `arm${(arm % ARM_COLOURS) + 1}`;
}

const MARKS = ['M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0', 'M-3.5-3.5h7v7h-7z', 'M0-4.5L4.4 3.4H-4.4z', 'M0-5L5 0L0 5L-5 0z'];

/** A point on an arm's curve; `tip` is what a mouse over it shows. */
export function armMark(arm: number, x: number, y: number, tip?: string): Markup {
  const title = tip === undefined ? undefined : html`<title>${tip}</title>`;
  return html`<path class="mark ${armColour(arm)}" transform="translate(${x} ${y})" d="${MARKS[arm % MARKS.length]}">${title}</path>`;
}

/** In a legend: the curve with its mark. */
export function armKey(arm: number): Markup {
  return html`<path class="${armCurve(arm)}" d="M0 0H24"/>${armMark(arm, 12, 0)}`;
}
