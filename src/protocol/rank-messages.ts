import type { ScoreAggregates } from '../learning/acquisition/score-aggregates.ts';
import { TARGETS, type Target } from '../model/label.ts';
import { requiredField, wordField } from './checked-field.ts';
import type * as wire from './generated/elastream/v1/services.generated.ts';

type Errors = ScoreAggregates['ensembleErrors'];

/** One partition's aggregates for one target. The other parts of Rank's messages need no conversion. */
export function toAggregatesMessage(target: Target, aggregates: ScoreAggregates): wire.TargetAggregates {
  return { target, ...aggregates };
}

/** @throws RejectedInput `bad_message` */
export function fromAggregatesMessage(message: wire.TargetAggregates): ScoreAggregates & { readonly target: Target } {
  return {
    ...message,
    target: wordField(message.target, TARGETS, 'aggregates.target'),
    ensembleErrors: fromErrorsMessage(message.ensembleErrors, 'aggregates.ensemble_errors'),
    memberErrors: message.memberErrors.map((errors) => fromErrorsMessage(errors, 'aggregates.member_errors')),
  };
}

function fromErrorsMessage(message: wire.RegressionErrors | undefined, field: string): Errors {
  const errors = requiredField(message, field);
  return { ...errors, actual: requiredField(errors.actual, `${field}.actual`) };
}
