import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash } from '../../src/model/content-hash.ts';
import { acceptedLabel, createLabel, type LabelContent } from '../../src/model/label.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';

const content = (change: Partial<LabelContent> = {}): LabelContent => ({
  materialId: parseMaterialId('mp-149'),
  materialHash: contentHash('material', ['silicon']),
  labelSet: 'dejong-2015',
  method: { kind: 'dft', code: 'VASP', functional: 'PBE', relaxedIon: true },
  provenance: 'row 17',
  values: { g_vrh: 66, k_vrh: 98 },
  ...change,
});

describe('createLabel', () => {
  it('has an id that never changes', () => {
    expect(createLabel(content()).id).toBe('h1:98d2704473da475a05cd5b0b964e238b98f9510e6b505a7641a5ad6cb5854346');
  });

  it('has another id for every other content', () => {
    const tensor = new Float64Array(36).fill(1);
    const labels = [
      content(),
      content({ materialId: parseMaterialId('mp-150') }),
      content({ materialHash: contentHash('material', ['strained']) }),
      content({ labelSet: 'other' }),
      content({ method: { kind: 'replay' } }),
      content({ method: { kind: 'dft', code: 'VASP', functional: 'PBE' } }),
      content({ provenance: 'row 18' }),
      content({ values: { g_vrh: 66 } }),
      content({ values: { k_vrh: 66 } }),
      content({ values: { g_vrh: 98, k_vrh: 66 } }),
      content({ tensor }),
    ].map(createLabel);
    expect(new Set(labels.map(({ id }) => id)).size).toBe(labels.length);
  });

  it('with any other value has an id over the sorted names, units and values', () => {
    const values = { k_vrh: 98, band_gap: 1.1 };
    const label = createLabel(content({ values, units: { band_gap: 'eV' } }));
    expect(label.id).toBe(
      contentHash('label-of-targets', [
        ...[label.materialId, label.materialHash, 'dejong-2015', ['dft', 'VASP', 'PBE', true], 'row 17'],
        [
          ['band_gap', 'eV', 1.1],
          ['k_vrh', 'GPa', 98],
        ],
        null,
        null,
      ]),
    );
    const reversed = content({ values: { band_gap: 1.1, k_vrh: 98 }, units: { band_gap: 'eV' } });
    expect(createLabel(reversed).id).toBe(label.id);
    expect(createLabel(content({ values, units: { band_gap: 'meV' } })).id).not.toBe(label.id);
  });

  it('keeps the id of plain moduli where their unit is written out', () => {
    expect(createLabel(content({ units: { g_vrh: 'GPa' } })).id).toBe(createLabel(content()).id);
  });

  it('has another id where it was fitted to deformations, and to others', () => {
    const fitted = (name: string) => createLabel(content({ deformationsHash: contentHash('deformations', [name]) })).id;
    expect(new Set([createLabel(content()).id, fitted('a'), fitted('b')]).size).toBe(3);
  });

  it('bounds moduli alone', () => {
    const label = createLabel(content({ values: { melting_point: 2e7 }, units: { melting_point: 'K' } }));
    expect(label.values.melting_point).toBe(2e7);
  });

  it.each([
    ['out_of_range', { g_vrh: 66 }, { g_vrh: 'kbar' }],
    ['bad_number', { band_gap: Number.NaN }, { band_gap: 'eV' }],
    ['bad_id', { 'Band gap': 1 }, { 'Band gap': 'eV' }],
    ['bad_id', { constructor: 1 }, {}],
  ] as const)('is refused as %s: %o in %o', (code, values, units) => {
    expect(() => createLabel(content({ values, units }))).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['missing_field', {}],
    ['bad_number', { g_vrh: Number.NaN, k_vrh: 1 }],
    ['bad_number', { k_vrh: Number.POSITIVE_INFINITY }],
    ['out_of_range', { g_vrh: 50, k_vrh: 4e7 }],
  ] as const)('is refused as %s: %o', (code, values) => {
    expect(() => createLabel(content({ values }))).toThrow(expect.objectContaining({ code }));
  });

  it('lets a negative modulus pass, which a campaign filters by name', () => {
    expect(createLabel(content({ values: { g_vrh: -3 } })).values.g_vrh).toBe(-3);
  });
});

describe('acceptedLabel', () => {
  const accepted = [{ labelSet: 'trusted' }, { labelSet: 'other', methods: ['dft' as const] }];
  const label = fc
    .record({
      labelSet: fc.constantFrom('trusted', 'other', 'foreign'),
      kind: fc.constantFrom('dft' as const, 'simulated' as const),
      provenance: fc.string(),
    })
    .map(({ labelSet, kind, provenance }) => createLabel(content({ labelSet, method: { kind }, provenance })));

  /** A label, and corrections of it and of each other: each names an earlier one by its place. */
  const corrected = fc.tuple(label, fc.array(fc.tuple(fc.nat(), label), { maxLength: 6 })).map(([first, others]) => {
    const all = [first];
    for (const [place, { id: _, ...other }] of others) {
      all.push(createLabel({ ...other, labelSet: first.labelSet, supersedes: all[place % all.length]!.id }));
    }
    return all;
  });

  it('prefers corrections to what they correct, in whatever order they come, and forks go by id', () => {
    const shuffled = corrected.chain((labels) =>
      fc.tuple(fc.constant(labels), fc.shuffledSubarray(labels, { minLength: labels.length })),
    );
    const any = [{ labelSet: 'trusted' }, { labelSet: 'other' }, { labelSet: 'foreign' }];
    fc.assert(
      fc.property(shuffled, ([labels, other]) => {
        const superseded = new Set(labels.map(({ supersedes }) => supersedes));
        const standing = labels.map(({ id }) => id).filter((id) => !superseded.has(id));
        expect(acceptedLabel(other, any)?.id).toBe(standing.sort()[0]);
      }),
    );
  });

  it('has another id for a correction, and for one of another label', () => {
    const [a, b] = ['a', 'b'].map((provenance) => createLabel(content({ provenance })).id);
    const ids = [{}, { supersedes: a! }, { supersedes: b! }].map((change) => createLabel(content(change)).id);
    expect(new Set(ids).size).toBe(3);
  });

  it('depends on the set of labels, not on their order', () => {
    const shuffled = fc
      .array(label, { maxLength: 12 })
      .chain((labels) =>
        fc.tuple(
          fc.constant(labels),
          fc.shuffledSubarray(labels, { minLength: labels.length, maxLength: labels.length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([labels, other]) => {
        expect(acceptedLabel(other, accepted)?.id).toBe(acceptedLabel(labels, accepted)?.id);
      }),
    );
  });

  it('prefers the source named first, then the smallest id, and takes no other set or method', () => {
    const of = (labelSet: string, kind: 'dft' | 'simulated', provenance: string) =>
      createLabel(content({ labelSet, method: { kind }, provenance }));
    const trusted = [of('trusted', 'simulated', 'a'), of('trusted', 'simulated', 'b')];
    const smallest = trusted.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0];
    expect(acceptedLabel([of('other', 'dft', 'c'), ...trusted], accepted)).toBe(smallest);
    expect(acceptedLabel([of('other', 'simulated', 'd'), of('foreign', 'dft', 'e')], accepted)).toBeUndefined();
  });
});
