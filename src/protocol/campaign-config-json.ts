import type { CampaignConfig } from '../learning/campaign/campaign-config.ts';
import { configHash } from '../learning/campaign/campaign-decider.ts';
import type { ContentHash } from '../model/content-hash.ts';
import { badMessage } from './bad-message.ts';

/**
 * The configuration with which the campaign was created. It was checked then; the hash proves that it is unchanged, so
 * no second check is needed.
 */
export function parseConfigJson(text: string, hash: ContentHash): CampaignConfig {
  let config: CampaignConfig;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw badMessage('config_json', `is not JSON: ${(error as Error).message}`);
  }
  if (configHash(config) !== hash) throw badMessage('config_json', `does not have the hash ${hash} of config_hash`);
  return config;
}
