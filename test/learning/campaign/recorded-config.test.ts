import { describe, expect, it } from 'vitest';
import { configHash } from '../../../src/learning/campaign/campaign-decider.ts';
import { completedConfig, recordedConfig } from '../../../src/learning/campaign/recorded-config.ts';
import { contentHash } from '../../../src/model/content-hash.ts';
import { sortedJson } from '../../../src/model/sorted-json.ts';
import { CONFIG } from '../../support/campaigns.ts';
import { EXAMPLE_EVENTS } from '../../support/example-events.ts';

const configs = [
  CONFIG,
  ...EXAMPLE_EVENTS.flatMap((event) => (event.type === 'CampaignCreated' ? [event.config] : [])),
];

describe('a recorded configuration', () => {
  it('says no more than what campaigns have always recorded', () => {
    const { data, calculator } = recordedConfig(CONFIG);
    expect(data).toEqual([{ path: 'elastic.jsonl', labelSet: 'known' }]);
    expect(Object.keys(calculator).sort()).toEqual(
      ['attempts', 'delaySeconds', 'expireAfterSeconds', 'failureRate', 'kind', 'neverReturningRate'].sort(),
    );
  });

  it('keeps what is said of a table', () => {
    const [data] = CONFIG.data;
    const table = { columns: { g: 'G' }, structures: 'cifs', unit: 'kbar' as const };
    const config = { ...CONFIG, data: [{ ...data!, ...table }] };
    expect(recordedConfig(config).data).toEqual([{ path: 'elastic.jsonl', labelSet: 'known', ...table }]);
    expect(completedConfig(recordedConfig(config))).toEqual(config);
    expect(configHash(config)).not.toBe(configHash(CONFIG));
  });

  it('is what is hashed, and comes back complete', () => {
    for (const config of configs) {
      const recorded = recordedConfig(config);
      expect(configHash(config)).toBe(contentHash('campaign-config', [sortedJson(recorded)]));
      expect(completedConfig(JSON.parse(sortedJson(recorded)))).toEqual(config);
    }
  });

  it('keeps what only a newer version knows', () => {
    const newer = { ...recordedConfig(CONFIG), horizon: { size: 100 } };
    expect(recordedConfig(completedConfig(newer))).toEqual(newer);
  });
});
