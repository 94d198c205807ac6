import type { Modulus, Target } from './target.ts';

/** The words for a target on screen. */
export interface TargetWords {
  readonly symbol: string;
  readonly name: string;
  /** Absent if only the campaign knows it. */
  readonly unit?: string;
}

const MODULUS_WORDS: Readonly<Record<Modulus, TargetWords>> = {
  g_vrh: { symbol: 'G', name: 'shear modulus G', unit: 'GPa' },
  k_vrh: { symbol: 'K', name: 'bulk modulus K', unit: 'GPa' },
};

export function targetWords(target: Target): TargetWords {
  return target in MODULUS_WORDS ? MODULUS_WORDS[target as Modulus] : { symbol: target, name: target };
}

/**
 * Lists numbers by target: `G 12.1, K 30.4 GPa`. The unit comes once if all targets have the same. An empty list gives an
 * empty text.
 * @param numbers as text
 */
export function quantities(numbers: readonly (readonly [Target, string])[], separator: string): string {
  if (numbers.length === 0) return '';
  const parts = numbers.map(([target, text]) => ({ ...targetWords(target), text }));
  const units = new Set(parts.map(({ unit }) => unit));
  const [common] = units.size === 1 ? units : [];
  const texts = parts.map(({ symbol, text, unit }) =>
    common !== undefined || unit === undefined ? `${symbol} ${text}` : `${symbol} ${text} ${unit}`,
  );
  return `${texts.join(separator)}${common === undefined ? '' : ` ${common}`}`;
}
