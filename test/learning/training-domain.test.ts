import { describe, expect, it } from 'vitest';
import { createTrainingDomain } from '../../src/learning/training-domain.ts';
import type { MaterialFacts } from '../../src/model/material-facts.ts';

const NA = 11;
const CL = 17;
const XE = 54;

function row(elements: readonly number[], ...vector: number[]) {
  return {
    facts: { elements: Uint8Array.from(elements) } as unknown as MaterialFacts,
    vector: Float64Array.from(vector),
  };
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
});
