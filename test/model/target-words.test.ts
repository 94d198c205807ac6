import { expect, it } from 'vitest';
import { quantities } from '../../src/model/target-words.ts';

it('quantities name the unit once where all have the same, and none that only a campaign knows', () => {
  const [g, k, gap] = [['g_vrh', '1.0'] as const, ['k_vrh', '2.0'] as const, ['band_gap', '0.3'] as const];
  expect(quantities([g, k], ', ')).toBe('G 1.0, K 2.0 GPa');
  expect(quantities([g], '  ')).toBe('G 1.0 GPa');
  expect(quantities([g, gap], ', ')).toBe('G 1.0 GPa, band_gap 0.3');
  expect(quantities([gap], ', ')).toBe('band_gap 0.3');
  expect(quantities([], ', ')).toBe('');
});
