import type { Target } from '../model/label.ts';

/** How a target is written on axes and in sentences. */
export const TARGET_WORDS: Readonly<Record<Target, { readonly symbol: string; readonly name: string }>> = {
  g_vrh: { symbol: 'G', name: 'shear modulus G' },
  k_vrh: { symbol: 'K', name: 'bulk modulus K' },
};

export const SUBSET_WORDS = { test: 'test set', candidates: 'candidates' } as const;
