import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { openEventLog } from '../../../src/adapters/lmdb/event-log.ts';
import { directoryPlaces } from '../../../src/cli/campaign/campaign-directory.ts';
import type { EventRecord } from '../../../src/model/event-record.ts';
import { fromRecord } from '../../../src/protocol/event-message.ts';
import { TOPICS } from '../../../src/reading/campaign-log.ts';
import { runCli } from '../../support/cli.ts';
import { readLogContent } from '../../support/log-content.ts';
import { RECORDED, recordedContent } from '../../support/recorded-campaigns.ts';
import { comparableEvent } from '../../support/run-content.ts';
import { differingEvents, type LogContent } from '../../support/simulation/checked-guarantees.ts';
import { describeWithLightGbm } from '../../support/tiny-campaign.ts';

describeWithLightGbm('a campaign that an older version began', () => {
  const scratch = scratchDirectory();
  afterAll(() => scratch.remove());

  it.each([['replayed', 'random', 'greedy'], ['simulated']])(
    'goes on with its unchanged file: %s',
    async (campaign, ...compare) => {
      const directory = join(scratch.path, campaign);
      await writeLog(directory, recordedContent(closedFirstRound(campaign)));
      const file = join(RECORDED, `${campaign}.yaml`);
      const args = ['--dir', directory, '--no-tables', '--no-report', '--quiet'];
      const run = await runCli(['run', file, ...args, ...(compare.length > 0 ? ['--compare', ...compare] : [])]);
      expect(run.code, run.stderr).toBe(0);
      const [found, recorded] = [await readLogContent(directory), recordedContent()];
      expect(stopsOf(found, campaign)).toEqual(['CampaignStopped']);
      // Numbers are the same within one engine only.
      if (engineOf(found) === engineOf(recorded)) expect(notRecorded(found, recorded)).toEqual([]);
    },
  );
});

/** The id of the event. */
function closedFirstRound(campaign: string): string {
  const closed = streamOf(recordedContent(), campaign).find(({ type }) => type.endsWith('.RoundClosed'));
  return closed!.id;
}

function streamOf(content: LogContent, campaign: string) {
  const records = content.get(TOPICS.campaigns.name)!.flat();
  return records.filter(({ key }) => Buffer.from(key).toString() === campaign);
}

async function writeLog(directory: string, content: LogContent): Promise<void> {
  const log = openEventLog({ directory: directoryPlaces(directory).log });
  try {
    await log.declare(Object.values(TOPICS));
    for (const [topic, partitions] of content) {
      for (const [partition, events] of partitions.entries()) {
        if (events.length > 0) await log.append({ topic, partition }, events);
      }
    }
  } finally {
    await log.close();
  }
}

function stopsOf(content: LogContent, campaign: string): string[] {
  const events = streamOf(content, campaign).map((record) => fromRecord(record).type);
  return events.filter((type) => type === 'CampaignStopped');
}

/** Of the last member that was trained. */
function engineOf(content: LogContent): string | undefined {
  const trained = content.get(TOPICS.members.name)!.flat().map(fromRecord);
  return trained.flatMap((event) => (event.type === 'MemberTrained' ? [event.engine] : [])).at(-1);
}

function notRecorded(found: LogContent, recorded: LogContent): string[] {
  return differingEvents(found, recorded, withoutAdditions).filter((line) => line.startsWith('not in the reference'));
}

/** Without what older versions did not measure: a log only grows. */
function withoutAdditions(topic: string, record: EventRecord): string {
  const { uncertainty: _, ...others } = JSON.parse(comparableEvent(topic, record));
  return JSON.stringify(others);
}
