import { describe, expect, it } from 'vitest';
import { featureMeaning } from '../../src/featurizers/feature-meaning.ts';
import { ALL_FEATURES } from '../../src/featurizers/feature-schema.ts';
import { MAGPIE_PROPERTIES } from '../../src/model/elements/magpie-properties.ts';

describe('featureMeaning', () => {
  it.each([
    ['MagpieData mean MeltingT', 'mean melting point'],
    ['MagpieData mode GSvolume_pa', "main element's volume per atom, pure element"],
    ['avg_dev local difference in GSvolume_pa', 'spread of the step in volume per atom to neighbours'],
    ['range CN_VoronoiNN', 'range of the coordination number'],
    ['mean ordering parameter shell 2', 'how ordered the elements are, neighbour shell 2'],
    ['nsites', 'atoms in the cell'],
    ['nearest_scaled_std', 'spread of the distance of the nearest neighbour, in sums of atomic radii'],
    ['a feature of another schema', undefined],
  ])('says of %s: %s', (label, meaning) => expect(featureMeaning(label)).toBe(meaning));

  it("says of every feature something of its own, without a word of the tables' jargon", () => {
    const meanings = ALL_FEATURES.map(({ label }) => featureMeaning(label));
    expect(meanings).not.toContain(undefined);
    expect(new Set(meanings).size).toBe(ALL_FEATURES.length);
    const jargon = new RegExp(
      `Magpie|avg_dev|VoronoiNN|\\b(${MAGPIE_PROPERTIES.filter(({ name }) => /[a-z][A-Z]|_/.test(name))
        .map(({ name }) => name)
        .join('|')})\\b`,
    );
    expect(meanings.filter((meaning) => jargon.test(meaning!))).toEqual([]);
  });
});
