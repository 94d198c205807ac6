import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FEATURES } from '../../../src/featurizers/feature-schema.ts';
import { createMaterialFeaturizer } from '../../../src/featurizers/material-featurizer.ts';
import { parseRow } from '../../../src/formats/json/parse-row.ts';
import { createTrainingDomain } from '../../../src/learning/ensemble/training-domain.ts';
import type { MaterialFacts } from '../../../src/model/material-facts.ts';
import type { MaterialId } from '../../../src/model/material-id.ts';
import { createStructure, type Structure } from '../../../src/model/structure.ts';
import { shifted } from '../../support/crystals.ts';
import { itWithShared } from '../../support/shared-data.ts';

const NA = 11;
const CL = 17;
const XE = 54;

function row(elements: readonly number[], ...vector: number[]) {
  return {
    facts: { elements: Uint8Array.from(elements) } as unknown as MaterialFacts,
    vector: Float64Array.from(vector),
  };
}

/** The same crystal, its sites told from the last to the first. */
function reversed({ lattice, atomicNumbers, fracCoords }: Structure): Structure {
  const order = Array.from(atomicNumbers.keys()).reverse();
  return createStructure(
    lattice,
    order.map((i) => atomicNumbers[i]!),
    order.flatMap((i) => [...fracCoords.subarray(3 * i, 3 * i + 3)]),
  );
}

describe('the training domain', () => {
  const { NaN: unknown } = Number;
  // Of five columns the models know all but the third; the last is known of no row.
  const training = [row([NA], 1, 10, 0, 5, unknown), row([NA, CL], 3, 30, 0, unknown, unknown)];
  const domain = createTrainingDomain(training, Int32Array.of(0, 1, 3, 4));
  const of = (elements: readonly number[], ...vector: number[]) => domain(elements, Float64Array.from(vector));

  it('holds every training row, its borders included', () => {
    for (const { facts, vector } of training) {
      expect(domain(facts.elements, vector)).toEqual({
        isOutside: false,
        newElements: [],
        outOfRange: [],
        notKnown: [],
      });
    }
  });

  it('ends at an element that no training material holds', () => {
    expect(of([CL, XE], 2, 20, 0, 5, unknown)).toMatchObject({ isOutside: true, newElements: [XE] });
  });

  it('ends with the second feature out of range; the first alone is told, and is no sign', () => {
    const first = { index: 0, value: 4, minimum: 1, maximum: 3 };
    expect(of([NA], 4, 20, 0, 5, unknown)).toMatchObject({ isOutside: false, outOfRange: [first] });
    const second = { index: 1, value: -50, minimum: 10, maximum: 30 };
    // The farthest first, in widths of the range; a range of no width ends at once.
    expect(of([NA], 4, -50, 0, 5, unknown)).toMatchObject({ isOutside: true, outOfRange: [second, first] });
    const third = { index: 3, value: 5.1, minimum: 5, maximum: 5 };
    expect(of([NA], 4, -50, 0, 5.1, unknown).outOfRange).toEqual([third, second, first]);
  });

  it('asks nothing of features that the models do not know or that no row knows', () => {
    expect(of([NA], 2, 20, 1e9, 5, 1e9)).toMatchObject({ isOutside: false, outOfRange: [] });
  });

  it('names what is not known, though it is of every training row', () => {
    expect(of([NA], unknown, 20, 0, unknown, unknown)).toMatchObject({
      isOutside: false,
      outOfRange: [],
      notKnown: [0],
    });
  });

  it('takes no rounding for a feature out of range', () => {
    const rounded = [1.0000000000000002, 30.000000000000004, 0, 5 - 1e-12, unknown] as const;
    const none = { isOutside: false, outOfRange: [] };
    expect(of([NA], ...rounded)).toMatchObject(none);
    expect(of([NA], 1 - 1e-15, 10 - 1e-14, 0, 5, unknown)).toMatchObject(none);
    const zeros = createTrainingDomain([row([NA], 0, 0), row([NA], 0, 1)], Int32Array.of(0, 1));
    expect(zeros([NA], Float64Array.of(1e-13, 1.0000000000000002))).toMatchObject(none);
    expect(zeros([NA], Float64Array.of(0.001, 1.001))).toMatchObject({ isOutside: true });
    // Of large values the last digits are worth more than what is called zero.
    const large = createTrainingDomain([row([NA], 3000, 1e5)], Int32Array.of(0, 1));
    expect(large([NA], Float64Array.of(3000.0000001, 1e5 - 1e-6))).toMatchObject(none);
    expect(large([NA], Float64Array.of(3000.01, 1e5 - 1))).toMatchObject({ isOutside: true });
  });

  itWithShared(
    '1,500 structures of its own, told in another order and from another origin, are all within',
    (shared) => {
      const rows = gunzipSync(readFileSync(shared('data/mp-elastic.jsonl.gz')))
        .toString()
        .split('\n', 1500);
      const structures = rows.map((line) => parseRow(line).material.structure);
      const featurizer = createMaterialFeaturizer({ cell: 'primitive' });
      const vectorOf = (structure: Structure) => {
        const vector = new Float64Array(FEATURES.length);
        featurizer.featurize({ id: 'a' as MaterialId, structure }, vector);
        return vector;
      };
      const columns = Int32Array.from(FEATURES, (_, index) => index);
      const flagged = structures.flatMap((structure) => {
        const elements = [...new Set(structure.atomicNumbers)];
        // The material alone is the range: whatever differs does so by rounding.
        const own = createTrainingDomain([row(elements, ...vectorOf(structure))], columns);
        return own(elements, vectorOf(reversed(shifted(structure, [0.137, 0.291, 0.733])))).outOfRange;
      });
      expect(flagged).toEqual([]);
    },
    120_000,
  );
});
