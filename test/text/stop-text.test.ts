import { expect, it } from 'vitest';
import { stopEntries } from '../../src/text/stop-text.ts';

it('says of each rule what it looks at, how that stands and where it stops', () => {
  const mae = { rule: 'mae', met: false } as const;
  const stops = [
    { rule: 'labels', target: null, value: 10, limit: 90, met: false } as const,
    { ...mae, target: 'g_vrh', value: 17.8155, limit: 9 },
    { ...mae, target: 'k_vrh', value: 21, limit: 12 },
    { rule: 'gain', target: 'g_vrh', value: null, limit: 0.01, met: false } as const,
    { rule: 'unimproved', target: null, value: 2, limit: 4, met: false } as const,
  ];
  expect(stopEntries({ stops })).toEqual([
    "the upper confidence limit of the reserve's MAE (approximate) is G 17.8, K 21.0 GPa; stops below G 9, K 12 GPa",
    "what the next batch may take off the reserve's MAE is not known yet; stops below G 0.01 GPa",
    'no better label for 2 rounds; stops at 4',
  ]);
});
