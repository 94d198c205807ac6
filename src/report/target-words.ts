export const SUBSET_WORDS = { test: 'test set', candidates: 'candidates' } as const;
