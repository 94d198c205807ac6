import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { startCampaign } from '../support/campaign-process.ts';
import { readLogContent } from '../support/log-content.ts';
import { comparableEvent } from '../support/run-content.ts';
import { differingEvents, differingOrder, type LogContent } from '../support/simulation/checked-guarantees.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

describeWithLightGbm('a campaign of one seed', () => {
  const failing = (yaml: string) => `${yaml}  failure_rate: 0.3\n  attempts: 2\n`;
  const campaign = tinyCampaign({ edit: failing });
  afterAll(() => campaign.remove());

  async function logOf(name: string, ...args: string[]): Promise<LogContent> {
    const directory = join(dirname(campaign.directory), name);
    const run = startCampaign([campaign.file, '--dir', directory, '--no-tables', '--no-report', '--quiet', ...args]);
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    return readLogContent(directory);
  }

  // The two campaigns lie in different partitions, so that each stream has one writer.
  it('writes the same events, and its own stream in the same order, with however many workers', async () => {
    const reference = await logOf('reference', '--workers', '1', '--compare', 'random');
    const streams = [...Array(TOPICS.campaigns.partitions).keys()].map((partition) => {
      return { topic: TOPICS.campaigns.name, partition };
    });
    for (const workers of ['1', '2', '3']) {
      const log = await logOf(`workers-${workers}`, '--workers', workers, '--compare', 'random');
      expect(differingEvents(log, reference, comparableEvent).slice(0, 5), `${workers} workers`).toEqual([]);
      expect(differingOrder(log, reference, streams), `${workers} workers`).toEqual([]);
    }
  });
});
