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
 * The configuration with which the campaign was created. It was checked then; the hash proves that it is unchanged, so
 * no second check is needed. Settings that older versions did not record are filled in afterwards.
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
