import type { CampaignCreated } from '../../src/learning/campaign/campaign-events.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { LabelMethod } from '../../src/model/label.ts';
import type { CampaignStates } from '../../src/reading/campaign-states.ts';

/**
 * A campaign whose calculations people do, and their method.
 * @throws AppError `invalid_argument` where there is none of this name, or it calculates by itself
 */
export function begunCampaign(
  states: Pick<CampaignStates, 'state' | 'names'>,
  campaign: string,
): CampaignCreated & { readonly method: LabelMethod } {
  const { created } = states.state(campaign);
  if (created === undefined) {
    const names = states.names().filter((name) => states.state(name).created !== undefined);
    const known = names.length > 0 ? `there are ${names.sort().join(', ')}` : 'none has begun yet';
    throw new AppError('invalid_argument', `there is no campaign "${campaign}": ${known}`);
  }
  const { calculator } = created.config;
  if (calculator.kind === 'manual') return { ...created, method: calculator.method };
  const remedy = "'elastream submit' brings it labels of other sources";
  const message = `campaign ${campaign} calculates by itself (calculator.kind: ${calculator.kind}): ${remedy}`;
  throw new AppError('invalid_argument', message);
}
