import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPOSITION_FEATURES, writeCompositionFeatures } from '../../src/featurizers/composition-features.ts';
import { createComposition } from '../../src/model/composition.ts';
import { ELEMENT_STRIDE } from '../../src/model/elements.ts';
import { countsOf } from '../support/atom-counts.ts';
import { describeWithShared } from '../support/shared-data.ts';

/** What the goldens promise: other summation orders differ in the last bits, and a difference of equals is not 0. */
const TOLERANCE = { relative: 1e-6, absolute: 1e-9 };
const LABELS = COMPOSITION_FEATURES.map(({ label }) => label);

const url = new URL('../fixtures/composition-golden.json', import.meta.url);
const golden: { labels: string[]; compositions: Golden[] } = JSON.parse(readFileSync(url, 'utf8'));
interface Golden {
  readonly why: string;
  readonly amounts: Record<string, number>;
  readonly features: number[];
}

function featuresOf(counts: ArrayLike<number>): Float64Array {
  const out = new Float64Array(LABELS.length);
  writeCompositionFeatures(createComposition(counts), out, 0);
  return out;
}

/** Labels with both values, where they differ by more than the tolerance. */
function differences(actual: Float64Array, expected: readonly (number | null)[]): string[] {
  return LABELS.flatMap((label, i) => {
    const [a, b] = [actual[i]!, expected[i] ?? Number.NaN];
    const close = Math.abs(a - b) <= Math.max(TOLERANCE.relative * Math.abs(b), TOLERANCE.absolute);
    return close || (Number.isNaN(a) && Number.isNaN(b)) ? [] : [`${label}: ${a}, not ${b}`];
  });
}

describe('composition features', () => {
  it('have labels and order of matminer', () => {
    expect(LABELS).toHaveLength(145);
    expect(LABELS).toEqual(golden.labels);
  });

  it.each(golden.compositions)('equal matminer: $amounts ($why)', ({ amounts, features }) => {
    expect(differences(featuresOf(countsOf(amounts)), features)).toEqual([]);
  });

  it('begin at the offset and touch nothing else', () => {
    const out = new Float64Array(LABELS.length + 4).fill(-7);
    writeCompositionFeatures(createComposition(countsOf({ Na: 1, Cl: 1 })), out, 3);
    expect([...out.subarray(0, 3), out[out.length - 1]]).toEqual([-7, -7, -7, -7]);
    expect(out.subarray(3, -1)).toEqual(featuresOf(countsOf({ Na: 1, Cl: 1 })));
  });

  const amount = fc.tuple(fc.integer({ min: 1, max: 118 }), fc.integer({ min: 1, max: 20 }));
  const compound = fc.uniqueArray(amount, { minLength: 1, maxLength: 12, selector: ([z]) => z });
  const counts = (amounts: readonly (readonly [number, number])[], factor = 1) => {
    const out = new Uint32Array(ELEMENT_STRIDE);
    for (const [z, n] of amounts) out[z] = n * factor;
    return out;
  };

  it('are finite for every element', () => {
    fc.assert(fc.property(compound, (c) => featuresOf(counts(c)).every(Number.isFinite)));
  });

  it('do not change in a supercell, to the last bit', () => {
    fc.assert(
      fc.property(compound, fc.integer({ min: 2, max: 30 }), (c, factor) => {
        expect(featuresOf(counts(c, factor))).toEqual(featuresOf(counts(c)));
      }),
    );
  });
});

describeWithShared('matminer 0.10.1 on rows of the Materials Project', (shared) => {
  it('gives the same composition features for all rows', () => {
    const [header, ...expected] = jsonLines(shared('golden/matminer-0.10.1.jsonl.gz'));
    const species = new Map(
      jsonLines(shared('data/mp-elastic.jsonl.gz')).map((row) => [row.material_id, row.species as string[]]),
    );
    expect(LABELS).toEqual(header.labels.slice(0, LABELS.length));
    expect(expected.length).toBeGreaterThan(1000);
    for (const { material_id: id, features } of expected) {
      expect({ id, differs: differences(featuresOf(siteCounts(species.get(id)!)), features) }).toEqual({
        id,
        differs: [],
      });
    }
  });

  it.each(['mp-elastic', 'mp-na-candidates'])('every row of %s has finite features', (name) => {
    for (const { material_id: id, species } of jsonLines(shared(`data/${name}.jsonl.gz`))) {
      expect({ id, finite: featuresOf(siteCounts(species)).every(Number.isFinite) }).toEqual({ id, finite: true });
    }
  });
});

// biome-ignore lint/suspicious/noExplicitAny: rows of the reference files, whose fields the assertions check.
function jsonLines(path: string): any[] {
  return gunzipSync(readFileSync(path))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function siteCounts(species: readonly string[]): Uint32Array {
  const amounts: Record<string, number> = {};
  for (const symbol of species) amounts[symbol] = (amounts[symbol] ?? 0) + 1;
  return countsOf(amounts);
}
