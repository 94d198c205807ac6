import { describe, expect, it } from 'vitest';
import { contentHash } from '../../src/model/content-hash.ts';
import { createLabel, type LabelContent } from '../../src/model/label.ts';
import type { MaterialId } from '../../src/model/material-id.ts';
import { REJECTION_CODES } from '../../src/model/rejection.ts';
import { createLabelDoubts, LABEL_DOUBTS } from '../../src/reading/label-doubts.ts';
import { rejectionGroups, rejectionPlace } from '../../src/reading/rejection-groups.ts';
import { rejectionReason } from '../../src/reading/rejection-reasons.ts';
import type { Received } from '../../src/runtime/decode-records.ts';
import { SIMULATED_TOPICS } from '../support/simulation/service-world.ts';

function label(id: string, parts: Partial<LabelContent>) {
  const materialId = id as MaterialId;
  return createLabel({
    materialId,
    materialHash: contentHash('material', [id]),
    labelSet: 'known',
    method: { kind: 'dft', functional: 'PBE' },
    provenance: 'a.jsonl: line 1',
    values: { g_vrh: 40, k_vrh: 80 },
    ...parts,
  });
}

function doubtsOf(labels: readonly ReturnType<typeof label>[]) {
  const doubts = createLabelDoubts(SIMULATED_TOPICS);
  for (const one of labels) doubts.take({ event: { type: 'LabelIngested', source: 's', label: one } } as Received);
  return doubts.all();
}

const LABELS = [
  label('mp-1', {}),
  label('mp-1', { values: { g_vrh: 55, k_vrh: 80 }, provenance: 'b.jsonl: line 9' }),
  label('mp-1', { values: { g_vrh: 90, k_vrh: 80 }, method: { kind: 'dft', functional: 'PBEsol' } }),
  label('mp-2', {}),
  label('mp-2', { values: { g_vrh: 40.4, k_vrh: 81 }, provenance: 'b.jsonl: line 10' }),
  label('mp-3', { values: { g_vrh: -4, k_vrh: 1200 } }),
  label('mp-4', { values: { g_vrh: 1.2 }, method: { kind: 'dft', relaxedIon: false } }),
];

describe('createLabelDoubts', () => {
  it('finds what speaks against labels that are kept, and shows both of a conflict', () => {
    const found = doubtsOf(LABELS);
    expect(found.map(({ code, materialId }) => `${materialId} ${code}`)).toEqual([
      'mp-4 clamped_ions',
      'mp-1 conflict',
      'mp-3 negative_modulus',
      'mp-4 soft_modulus',
      'mp-3 stiff_modulus',
    ]);
    const { message } = found.find(({ code }) => code === 'conflict')!;
    expect(message).toContain('g_vrh 40, k_vrh 80 GPa by a.jsonl: line 1');
    expect(message).toContain('g_vrh 55, k_vrh 80 GPa by b.jsonl: line 9');
  });

  it('is the same for any order, and where labels come twice', () => {
    expect(doubtsOf([...LABELS.toReversed(), ...LABELS])).toEqual(doubtsOf(LABELS));
  });
});

describe('rejectionGroups', () => {
  it('counts by code, the most frequent first, with the first places as examples', () => {
    const of = (code: string, line: number) => ({ code, place: `a.jsonl: line ${line}`, message: 'm' });
    const all = [of('bad_number', 2), of('truncated', 1), of('bad_number', 17), of('bad_number', 9)];
    expect(rejectionGroups(all, 2)).toEqual([
      {
        code: 'bad_number',
        count: 3,
        examples: [
          { place: 'a.jsonl: line 2', message: 'm' },
          { place: 'a.jsonl: line 9', message: 'm' },
        ],
      },
      { code: 'truncated', count: 1, examples: [{ place: 'a.jsonl: line 1', message: 'm' }] },
    ]);
    expect(rejectionGroups(all.toReversed(), 2)).toEqual(rejectionGroups(all, 2));
  });

  it('names the material where the place does not', () => {
    const rejection = { code: 'bad_number', message: 'm', source: 'a.jsonl' } as const;
    expect(rejectionPlace({ ...rejection, locator: 'line 3', materialId: 'mp-1' })).toBe('a.jsonl: line 3 (mp-1)');
    expect(rejectionPlace({ ...rejection, locator: 'deformations of mp-1', materialId: 'mp-1' })).toBe(
      'a.jsonl: deformations of mp-1',
    );
  });
});

describe('rejectionReason', () => {
  it.each([...REJECTION_CODES, ...LABEL_DOUBTS])('explains %s in a sentence with its remedy', (code) => {
    expect(rejectionReason(code)).toMatch(/^[^;]+; .+[^.]$/);
  });
});
