import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateScores, mergeAggregates } from '../../src/learning/acquisition/score-aggregates.ts';
import { TargetAggregates } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { fromAggregatesMessage, toAggregatesMessage } from '../../src/protocol/rank-messages.ts';

const MEMBERS = 3;
const gpa = fc.double({ min: -1000, max: 1000, noNaN: true });
/** Rows of predictions and a truth, which may be unknown. */
const rows = fc.array(
  fc.tuple(fc.array(gpa, { minLength: MEMBERS, maxLength: MEMBERS }), fc.oneof(gpa, fc.constant(NaN))),
);

const aggregates = rows.map((all) => {
  const predictions = Float64Array.from({ length: MEMBERS * all.length }, (_, i) => {
    return all[i % all.length]![0][Math.floor(i / all.length)]!;
  });
  return aggregateScores(
    predictions,
    MEMBERS,
    all.map(([, actual]) => actual),
  );
});

describe('aggregates', () => {
  it('come through a call as they were, so that their sum is the same', () => {
    fc.assert(
      fc.property(fc.array(aggregates, { maxLength: 4 }), (parts) => {
        const received = parts.map((part) => {
          const bytes = TargetAggregates.encode(toAggregatesMessage('k_vrh', part)).finish();
          return fromAggregatesMessage(TargetAggregates.decode(bytes));
        });
        expect(received).toEqual(parts.map((part) => ({ target: 'k_vrh', ...part })));
        expect(mergeAggregates(received)).toEqual(mergeAggregates(parts));
      }),
    );
  });

  it('are refused where they are not whole', () => {
    const whole = toAggregatesMessage('g_vrh', aggregateScores(Float64Array.of(1, 2, 3), MEMBERS, [2]));
    expect(fromAggregatesMessage(whole).count).toBe(1);
    expect(() => fromAggregatesMessage({ ...whole, target: '' })).toThrow('aggregates.target must be 1 to 63 of');
    expect(() => fromAggregatesMessage({ ...whole, ensembleErrors: undefined })).toThrow(
      'aggregates.ensemble_errors is missing',
    );
    const bare = { absoluteSum: 1, squaredSum: 1, actual: undefined };
    expect(() => fromAggregatesMessage({ ...whole, memberErrors: [bare] })).toThrow(
      'aggregates.member_errors.actual is missing',
    );
  });
});
