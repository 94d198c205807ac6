import { type ScoreAggregates, STANDARD_DEVIATION_BIN_GPA } from '../learning/acquisition/score-aggregates.ts';
import type { Target } from '../model/target.ts';
import { requiredField, targetField } from './checked-field.ts';
import type * as wire from './generated/elastream/v1/services.generated.ts';

type Errors = ScoreAggregates['ensembleErrors'];

/** One partition's aggregates for one target. The other parts of Rank's messages need no conversion. */
export function toAggregatesMessage(target: Target, aggregates: ScoreAggregates): wire.TargetAggregates {
  const { standardDeviationBin: bin, ...others } = aggregates;
  return { target, ...others, ...(bin !== STANDARD_DEVIATION_BIN_GPA && { standardDeviationBin: bin }) };
}

/** @throws RejectedInput `bad_message` */
export function fromAggregatesMessage(message: wire.TargetAggregates): ScoreAggregates & { readonly target: Target } {
  return {
    ...message,
    target: targetField(message.target, 'aggregates.target'),
    standardDeviationBin: message.standardDeviationBin ?? STANDARD_DEVIATION_BIN_GPA,
    ensembleErrors: fromErrorsMessage(message.ensembleErrors, 'aggregates.ensemble_errors'),
    memberErrors: message.memberErrors.map((errors) => fromErrorsMessage(errors, 'aggregates.member_errors')),
  };
}

function fromErrorsMessage(message: wire.RegressionErrors | undefined, field: string): Errors {
  const errors = requiredField(message, field);
  return { ...errors, actual: requiredField(errors.actual, `${field}.actual`) };
}
