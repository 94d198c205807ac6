import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openEventLogReader } from '../../adapters/lmdb/event-log.ts';
import { openModelStore } from '../../adapters/lmdb/model-store.ts';
import { AppError } from '../../model/app-error.ts';
import type { ModelStore } from '../../ports/model-store.ts';
import type { CampaignLogReader } from '../../reading/campaign-log.ts';
import { isClusterUrl } from '../cluster/cluster-url.ts';
import { connectCluster } from '../cluster/connect-cluster.ts';

/** Where a directory keeps what. */
export function directoryPlaces(directory: string) {
  return {
    log: join(directory, 'log'),
    models: join(directory, 'models'),
    results: join(directory, 'results'),
    report: join(directory, 'report.html'),
  };
}

/** One writer per directory, so its name need not tell processes apart, and a resumed run writes the same events. */
export const DIRECTORY_WRITER = 'embedded';

/** @throws AppError `invalid_argument` where there is no campaign */
export function assertCampaign(directory: string): void {
  const { log } = directoryPlaces(directory);
  if (existsSync(log)) return;
  const message = `${directory} holds no campaign (there is no ${log}); name a directory of 'elastream run'`;
  throw new AppError('invalid_argument', message);
}

/** @throws AppError `invalid_argument` where there is no campaign */
export function openCampaignLog(place: string): CampaignLogReader {
  if (isClusterUrl(place)) {
    const { log, close } = connectCluster(place);
    return { ...log, runner: () => ({ pid: null }), close };
  }
  assertCampaign(place);
  const log = openEventLogReader({ directory: directoryPlaces(place).log });
  return { ...log, runner: () => log.writer() };
}

/** Its models, for reading. @throws AppError `input_unreadable` where nothing has been trained yet */
export function openCampaignModels(place: string): ModelStore {
  if (isClusterUrl(place)) {
    const { models, close } = connectCluster(place);
    return { ...models, close };
  }
  return openModelStore({ directory: directoryPlaces(place).models, readOnly: true });
}

/**
 * Nothing of ours is put among somebody's files.
 * @throws AppError `invalid_argument` where the directory is no campaign's and not empty
 */
export function assertOurs(directory: string): void {
  const { log } = directoryPlaces(directory);
  if (!existsSync(directory) || existsSync(log)) return;
  const isFolder = statSync(directory).isDirectory();
  if (isFolder && readdirSync(directory).length === 0) return;
  const what = isFolder
    ? "has files in it and is no campaign's directory"
    : 'is a file, and a campaign needs a directory';
  throw new AppError('invalid_argument', `${directory} ${what}: name another one with --dir`);
}
