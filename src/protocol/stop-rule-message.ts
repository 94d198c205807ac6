import type { StopRule } from '../learning/campaign/campaign-config.ts';
import { badMessage } from './bad-message.ts';

/** As messages hold a stop rule. */
interface LimitFields {
  readonly labels?: number | undefined;
  readonly rounds?: number | undefined;
}

export function toLimitFields({ labels, rounds }: StopRule): Required<LimitFields> {
  return { labels, rounds };
}

/** @throws RejectedInput `bad_message` */
export function fromLimitFields({ labels, rounds }: LimitFields): StopRule {
  for (const [field, limit] of Object.entries({ labels, rounds })) {
    if (limit === 0) throw badMessage(field, 'is 0, must be at least 1');
  }
  return { ...(labels !== undefined && { labels }), ...(rounds !== undefined && { rounds }) };
}
