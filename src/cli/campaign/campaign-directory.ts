import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalLogReader, openEventLogReader } from '../../adapters/lmdb/event-log.ts';
import { openModelStore } from '../../adapters/lmdb/model-store.ts';
import { featureSchemaId } from '../../featurizers/feature-schema.ts';
import { AppError } from '../../model/app-error.ts';
import { createTopics } from '../../model/topics.ts';
import type { ModelStore } from '../../ports/model-store.ts';

/** Where a directory keeps what. */
export function directoryPlaces(directory: string) {
  return {
    log: join(directory, 'log'),
    models: join(directory, 'models'),
    results: join(directory, 'results'),
    report: join(directory, 'report.html'),
  };
}

/** The loop's topics: the same in every directory and on every cluster. */
export const TOPICS = createTopics({ featureSchema: featureSchemaId('primitive') });

/** @throws AppError `invalid_argument` where there is no campaign */
export function assertCampaign(directory: string): void {
  const { log } = directoryPlaces(directory);
  if (existsSync(log)) return;
  const message = `${directory} holds no campaign (there is no ${log}); name a directory of 'elastream run'`;
  throw new AppError('invalid_argument', message);
}

/** @throws AppError `invalid_argument` where there is no campaign */
export function openCampaignLog(directory: string): LocalLogReader {
  assertCampaign(directory);
  return openEventLogReader({ directory: directoryPlaces(directory).log });
}

/** The models of a directory, for reading. @throws AppError `input_unreadable` where nothing has been trained yet */
export function openCampaignModels(directory: string): ModelStore {
  return openModelStore({ directory: directoryPlaces(directory).models, readOnly: true });
}
