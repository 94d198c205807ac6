import type { CampaignConfig } from '../learning/campaign/campaign-config.ts';
import { recordedHash } from '../learning/campaign/campaign-decider.ts';
import { completedConfig, type RecordedConfig, recordedConfig } from '../learning/campaign/recorded-config.ts';
import type { ContentHash } from '../model/content-hash.ts';
import { sortedJson } from '../model/sorted-json.ts';
import { badMessage } from './bad-message.ts';

export function toConfigJson(config: CampaignConfig): string {
  return sortedJson(recordedConfig(config));
}

/**
 * The configuration that the campaign was created with. It was checked then; that its hash still fits says that it is
 * the same one, without a second parser. What a later version would say besides is filled in after that.
 */
export function parseConfigJson(text: string, hash: ContentHash): CampaignConfig {
  let config: RecordedConfig;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw badMessage('config_json', `is not JSON: ${(error as Error).message}`);
  }
  if (recordedHash(config) !== hash) throw badMessage('config_json', `does not have the hash ${hash} of config_hash`);
  return completedConfig(config);
}
