import { openCampaignLog } from '../../src/cli/campaign/campaign-directory.ts';
import type { EventRecord } from '../../src/model/event-record.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import { rangesToEnd } from '../../src/reading/ranges-to-end.ts';
import type { LogContent } from './simulation/checked-guarantees.ts';

/** All events that a directory's log holds now; another process may be writing it. */
export async function readLogContent(directory: string): Promise<LogContent> {
  const log = openCampaignLog(directory);
  return contentOf(log).finally(() => log.close());
}

export async function contentOf(log: EventLogReader): Promise<LogContent> {
  const topics = await log.topics();
  return new Map(await Promise.all(topics.map(async ({ name }) => [name, await partitionsOf(log, name)] as const)));
}

async function partitionsOf(log: EventLogReader, topic: string): Promise<EventRecord[][]> {
  const partitions: EventRecord[][] = (await log.endOffsets(topic)).map(() => []);
  const batches = log.read(await rangesToEnd(log, topic));
  for await (const { partition, records } of batches) partitions[partition]!.push(...records);
  return partitions;
}
