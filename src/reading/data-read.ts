import { logTopics } from '../runtime/log-topics.ts';
import { type CampaignLogReader, TOPICS } from './campaign-log.ts';

/** What a log holds of data, before a campaign has begun on it too. */
export interface DataRead {
  readonly materials: number;
  readonly labels: number;
  readonly featurized: number;
  readonly rejected: number;
  /** Whether somebody is at it. */
  readonly isAtWork: boolean;
  readonly pid: number | null;
}

/** Counts events without reading them. */
export async function readDataRead(
  log: Pick<CampaignLogReader, 'topics' | 'endOffsets' | 'runner'>,
): Promise<DataRead> {
  const declared = new Set((await log.topics()).map(({ name }) => name));
  const count = async ({ name }: { readonly name: string }) => {
    const ends = declared.has(name) ? await log.endOffsets(name) : [];
    return ends.reduce((sum, end) => sum + end, 0);
  };
  const runner = log.runner();
  return {
    materials: await count(TOPICS.materials),
    labels: await count(TOPICS.labels),
    featurized: await count((await logTopics(log)).features),
    rejected: await count(TOPICS.rejections),
    isAtWork: runner !== undefined,
    pid: runner?.pid ?? null,
  };
}
