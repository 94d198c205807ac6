import type { StopRule } from '../learning/campaign/campaign-config.ts';
import { FIGURES, type StopFigure } from '../learning/campaign/stop-figures.ts';
import { THRESHOLDS } from '../learning/campaign/stop-rule.ts';
import type { Target } from '../model/target.ts';
import { badMessage } from './bad-message.ts';
import { targetField, wordField } from './checked-field.ts';
import type * as wire from './generated/elastream/v1/campaign.generated.ts';

/** As messages hold a stop rule. */
type LimitFields = Omit<wire.StopRuleRaised, 'authored'>;

export function toLimitFields(rule: StopRule): LimitFields {
  const { labels, rounds, below = {}, confidence, errorShare, unimprovedRounds } = rule;
  const thresholds = THRESHOLDS.flatMap((figure) =>
    Object.entries(below[figure] ?? {}).map(([target, limit]) => ({ figure, target, below: limit! })),
  );
  return { labels, rounds, below: thresholds, confidence, errorShare, unimprovedRounds };
}

/** @throws RejectedInput `bad_message` */
export function fromLimitFields(fields: LimitFields): StopRule {
  const { labels, rounds, below, confidence, errorShare, unimprovedRounds } = fields;
  const counts = { labels, rounds, unimprovedRounds };
  // A campaign of no rounds only measures.
  for (const [field, limit] of Object.entries({ labels, unimprovedRounds })) {
    if (limit === 0) throw badMessage(field, 'is 0, must be at least 1');
  }
  const thresholds: Record<string, Record<Target, number>> = {};
  for (const { figure, target, below: limit } of below) {
    const name = wordField(figure, THRESHOLDS, 'below.figure');
    thresholds[name] = { ...thresholds[name], [targetField(target, 'below.target')]: limit };
  }
  const known = Object.entries({ ...counts, confidence, errorShare }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(known), ...(below.length > 0 && { below: thresholds }) };
}

/** @throws RejectedInput `bad_message` */
export function fromFigureMessage({ figure, target, value }: wire.StopFigure): StopFigure {
  return {
    figure: wordField(figure, FIGURES, 'stop_figures.figure'),
    target: targetField(target, 'stop_figures.target'),
    value,
  };
}
