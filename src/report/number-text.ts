const UNKNOWN = 'n/a';

/** Fixed digits, thousands grouped, with a true minus sign; `n/a` for what is not a finite number. */
export function fixed(value: number | undefined, digits: number): string {
  if (value === undefined || !Number.isFinite(value)) return UNKNOWN;
  const [whole, fraction] = Math.abs(value).toFixed(digits).split('.') as [string, string?];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `\u2212${text}` : text;
}

/** `1,234` */
export function count(value: number): string {
  return fixed(value, 0);
}

/** `12.10 ± 0.31`, or the value alone where the spread is not known. */
export function plusMinus(value: number | undefined, spread: number | undefined, digits: number): string {
  const known = spread !== undefined && Number.isFinite(spread) && Number.isFinite(value ?? Number.NaN);
  return known ? `${fixed(value, digits)} \u00b1 ${fixed(spread, digits)}` : fixed(value, digits);
}

/** `1 label`, `2 labels` */
export function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}
