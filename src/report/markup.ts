/** Text that is HTML or SVG already; all else is escaped where it enters a template. */
export interface Markup {
  readonly markup: string;
}

export type Content = string | number | Markup | undefined | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const COORDINATE_DECIMALS = 2;

/**
 * Template tag for HTML and SVG: strings are escaped, numbers are coordinates rounded to what a screen shows.
 * @throws RangeError for a number that is not finite: browsers drop the whole element without a word
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let markup = parts[0]!;
  values.forEach((value, i) => {
    markup += textOf(value) + parts[i + 1]!;
  });
  return { markup };
}

function textOf(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return content.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
  if (typeof content === 'number') return coordinate(content);
  return 'markup' in content ? content.markup : content.map(textOf).join('');
}

/** The shortest text of a coordinate. */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`a coordinate is ${value}: leave out what is not known`);
  return String(Number(value.toFixed(COORDINATE_DECIMALS)));
}
