import { describe, expect, it } from 'vitest';
import type { CampaignConfig } from '../../../src/learning/campaign/campaign-config.ts';
import { acceptedExample, freezeData } from '../../../src/learning/data/campaign-data.ts';
import { PAPER_CANDIDATE_FILTERS } from '../../../src/learning/data/data-filters.ts';
import {
  createdWith,
  DATA,
  exampleOf,
  FILES,
  featurized,
  labelledCatalogue,
  materialName,
} from '../../support/catalogues.ts';

const files = { candidates: { from: 'files', paths: ['candidates.cif'] } } as const satisfies Partial<CampaignConfig>;
const noFilters = { inertGases: false, withoutStructureFeatures: false, polymorphs: false, activeElements: [] };

describe('freezeData', () => {
  it('draws the hidden candidates from what is left beside the test set', () => {
    const { testSet, hidden, labelled, kept } = freezeData(createdWith(), labelledCatalogue(40));
    expect([labelled, kept, hidden.size]).toEqual([40, 40, 6]);
    expect(testSet.size).toBeGreaterThan(0);
    expect([...hidden].filter((id) => testSet.has(id))).toEqual([]);
  });

  it('comes out the same whatever else is added later', () => {
    const created = createdWith();
    const catalogue = labelledCatalogue(40);
    const before = freezeData(created, catalogue);
    const later = featurized({ id: 'later' }, 'another.jsonl@sha256:9#known');
    catalogue.addVersion(later, { partition: 0, offset: 99 });
    catalogue.addExample(exampleOf(later, { g_vrh: 1 }), { partition: 0, offset: 99 });
    catalogue.addExample(exampleOf(featurized({ id: materialName(3) }), { g_vrh: 77 }, {}, 'campaign:test'), {
      partition: 3,
      offset: 99,
    });
    expect(freezeData(created, catalogue)).toEqual(before);
  });

  it('moves few candidates when one material more is known', () => {
    const hidden = [40, 41].map((n) => freezeData(createdWith(), labelledCatalogue(n)).hidden);
    expect([...hidden[0]!].filter((id) => !hidden[1]!.has(id)).length).toBeLessThanOrEqual(1);
  });

  it('takes a share, and only what holds an element', () => {
    const catalogue = labelledCatalogue(40, (i) => (i % 2 ? ['Na', 'Cl'] : ['K', 'Br']));
    const candidates = { from: 'data', fraction: 0.5, element: 'K' } as const;
    const { hidden, testSet } = freezeData(createdWith({ candidates }), catalogue);
    const eligible = Array.from({ length: 20 }, (_, i) => materialName(2 * i)).filter((id) => !testSet.has(id));
    expect(hidden.size).toBe(Math.round(0.5 * eligible.length));
    expect([...hidden].filter((id) => !eligible.includes(id))).toEqual([]);
  });

  it('leaves out labels that have a target in another unit', () => {
    const catalogue = labelledCatalogue(20);
    const config = {
      targets: ['k_vrh', 'band_gap'],
      targetDefinitions: [{ name: 'band_gap', unit: 'eV', transform: 'none' as const }],
    };
    for (const [id, unit] of [
      ['volts', 'eV'],
      ['millivolts', 'meV'],
    ] as const) {
      const features = featurized({ id });
      catalogue.addVersion(features, { partition: 0, offset: 0 });
      const example = exampleOf(features, { band_gap: 1 }, { units: { band_gap: unit } });
      catalogue.addExample(example, { partition: 0, offset: 0 });
    }
    expect(freezeData(createdWith(config), catalogue)).toMatchObject({
      ...{ labelled: 22, kept: 21 },
      dropped: { data: { other_unit: 1 } },
    });
  });

  it('leaves out labels that have no logarithm where that is what models learn', () => {
    const catalogue = labelledCatalogue(20);
    for (const [id, value] of [
      ['none', 0],
      ['some', 0.1],
    ] as const) {
      const features = featurized({ id });
      catalogue.addVersion(features, { partition: 0, offset: 0 });
      catalogue.addExample(exampleOf(features, { g_vrh: value, k_vrh: 5 }), { partition: 0, offset: 0 });
    }
    const targetDefinitions = [{ name: 'g_vrh', unit: 'GPa', transform: 'log' as const }];
    expect(freezeData(createdWith({ targetDefinitions }), catalogue)).toMatchObject({
      ...{ labelled: 22, kept: 21 },
      dropped: { data: { not_positive: 1 } },
    });
    expect(freezeData(createdWith(), catalogue).kept).toBe(22);
  });

  it('counts what the filters drop, and drops it everywhere', () => {
    const catalogue = labelledCatalogue(20, (i) => (i < 5 ? ['Xe', 'F'] : i < 7 ? ['U', 'O'] : ['Na', 'Cl']));
    const frozen = freezeData(createdWith({ candidates: { from: 'data', count: 100 } }), catalogue);
    expect(frozen).toMatchObject({
      labelled: 20,
      kept: 13,
      dropped: { data: { inert_gas: 5, radioactive_element: 2 } },
    });
    expect(frozen.hidden.size + frozen.testSet.size).toBe(13);
  });

  it('has no candidate whose label the data filters would drop', () => {
    const catalogue = labelledCatalogue(10);
    for (const [offset, symbols] of [
      ['Na', 'U'],
      ['Na', 'S'],
    ].entries()) {
      catalogue.addVersion(featurized({ id: `c${offset}`, symbols }, FILES), { partition: 0, offset: 50 + offset });
    }
    const created = createdWith({ ...files, candidateFilters: noFilters }, [DATA, FILES]);
    expect(freezeData(created, catalogue).dropped.candidates).toEqual({ radioactive_element: 1 });
  });

  it('knows the lowest polymorphs among the candidates, and not among the labelled', () => {
    const catalogue = labelledCatalogue(10);
    for (const [offset, formationEnergyPerAtom] of [-1, -2].entries()) {
      const features = featurized({ id: `c${offset}`, facts: { formationEnergyPerAtom } }, FILES);
      catalogue.addVersion(features, { partition: 0, offset: 50 + offset });
    }
    const created = createdWith({ ...files, candidateFilters: PAPER_CANDIDATE_FILTERS }, [DATA, FILES]);
    const { lowest, dropped, hidden } = freezeData(created, catalogue);
    expect([...lowest]).toEqual([['NaCl', -2]]);
    expect(dropped.candidates).toEqual({ above_polymorph: 1 });
    expect(hidden.size).toBe(0);
  });

  it('leaves out a label without any of the targets', () => {
    const catalogue = labelledCatalogue(4);
    const features = featurized({ id: 'g-only' });
    catalogue.addExample(exampleOf(features, { g_vrh: 5 }), { partition: 0, offset: 9 });
    const frozen = freezeData(createdWith({ targets: ['k_vrh'] }), catalogue);
    expect(frozen).toMatchObject({ labelled: 5, kept: 4, dropped: { data: { no_target: 1 } } });
  });
});

describe('acceptedExample', () => {
  const place = { partition: 0, offset: 0, hasStructureFeatures: true };
  const versions = ['a', 'b'].map((version) => featurized({ id: 'x', version }));
  const examples = versions.map((features, i) => {
    const { type: _, ...example } = exampleOf(features, { g_vrh: i }, { labelSet: i === 0 ? 'known' : 'better' });
    return { ...example, ...place };
  });

  it('follows the order of trust, not that of arrival', () => {
    const accepted = [{ labelSet: 'better' }, { labelSet: 'known' }];
    for (const given of [examples, examples.toReversed()]) {
      expect(acceptedExample(given, accepted)).toBe(examples[1]);
      expect(acceptedExample(given, accepted.toReversed())).toBe(examples[0]);
    }
  });

  it('is none where no set is accepted', () => expect(acceptedExample(examples, [{ labelSet: 'no' }])).toBeUndefined());
});
