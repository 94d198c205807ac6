import { schemaHolds } from '../../src/featurizers/feature-schema.ts';
import type { CampaignConfig } from '../../src/learning/campaign/campaign-config.ts';
import { decide } from '../../src/learning/campaign/campaign-decider.ts';
import type { CampaignCreated } from '../../src/learning/campaign/campaign-events.ts';
import { type CampaignState, initialState } from '../../src/learning/campaign/campaign-state.ts';
import { recordedConfig } from '../../src/learning/campaign/recorded-config.ts';
import { presentStopRule, sameStopRule } from '../../src/learning/campaign/stop-rule.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { Publisher } from '../../src/runtime/publisher.ts';

/**
 * Makes a campaign, or finds it.
 * @throws AppError `invalid_argument` where it is there with other settings, or the log lacks features that it wants
 */
export async function createCampaign(
  { publisher, featureSchema }: { readonly publisher: Publisher; readonly featureSchema: string },
  state: CampaignState,
  campaign: string,
  config: CampaignConfig,
  sources: readonly string[],
): Promise<void> {
  const [event] = decide(state, { type: 'CreateCampaign', campaign, config, sources });
  if (event) {
    assertFeatures(campaign, config, featureSchema);
    await publisher.publish([{ event, campaign }]);
  } else checkSame(campaign, state, config, sources);
}

/** What is recorded stays on its schema, so a log cannot be given other features later. */
function assertFeatures(campaign: string, { features }: CampaignConfig, featureSchema: string): void {
  if (schemaHolds(featureSchema, features)) return;
  const remedy = 'begin it in a new directory (a cluster: feature_schema), or take features without +g';
  const what = `campaign ${campaign} wants the features ${features}, and the vectors of this log (${featureSchema}) lack them`;
  throw new AppError('invalid_argument', `${what}: ${remedy}`);
}

function checkSame(campaign: string, state: CampaignState, config: CampaignConfig, sources: readonly string[]): void {
  const created = state.created!;
  // What holds in place of the rule that it was created with.
  const stop = presentStopRule(state);
  const isRule = sameStopRule(config.stop, stop);
  const again = createdEvent(campaign, { ...config, ...(isRule && { stop: created.config.stop }) }, sources);
  const same = isRule && again.configHash === created.configHash;
  if (same && again.sources.join('\n') === created.sources.join('\n')) return;
  const difference = firstDifference(recordedConfig({ ...created.config, stop }), recordedConfig(config));
  const what = same ? 'other data files' : `other settings (${difference})`;
  throw new AppError(
    'invalid_argument',
    `campaign ${campaign} was begun here with ${what}: undo the change, rename the campaign, or use another directory`,
  );
}

/** As the campaign file names it; undefined where there is none. */
function firstDifference(begun: unknown, now: unknown, path = ''): string | undefined {
  if (isRecord(begun) && isRecord(now)) {
    const keys = [...new Set([...Object.keys(begun), ...Object.keys(now)])];
    const found = keys.map((key) => firstDifference(begun[key], now[key], path === '' ? key : `${path}.${key}`));
    return found.find((difference) => difference !== undefined);
  }
  const [then, asked] = [begun, now].map((value) => JSON.stringify(value) ?? 'not set');
  if (then === asked) return undefined;
  const name = path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `${name} is ${then} there and ${asked} in the file`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** What a campaign begins with. */
export function createdEvent(campaign: string, config: CampaignConfig, sources: readonly string[]): CampaignCreated {
  const [event] = decide(initialState(), { type: 'CreateCampaign', campaign, config, sources });
  return event as CampaignCreated;
}
