import { currentRound, latestSelectedRound } from '../../src/learning/campaign-step.ts';
import type { ModelName, ModelStore } from '../../src/ports/model-store.ts';
import type { CampaignBook } from './campaign-book.ts';

export interface ModelRetentionParts {
  readonly book: CampaignBook;
  readonly models: Pick<ModelStore, 'list' | 'delete'>;
  /** Of each campaign, so many rounds that have selected, the newest; at least 1. Infinity for all. */
  readonly keep: number;
  readonly onFailure: (error: unknown) => void;
}

/** Deletes the models of rounds that are over: whoever needs one again has it trained again from the log. */
export interface ModelRetention {
  /** Beside the loop, one after the other. */
  sweep(): void;
  /** Resolves when no sweep is under way. */
  idle(): Promise<void>;
}

export function createModelRetention(parts: ModelRetentionParts): ModelRetention {
  const { book, models, keep, onFailure } = parts;
  let last = Promise.resolve();
  let isWaiting = false;

  async function deleteOld(): Promise<void> {
    isWaiting = false;
    const { kept, over } = modelNames(book, keep);
    // Asked second: what is trained meanwhile is in neither, and stays.
    for await (const { name } of models.list()) if (over.has(name) && !kept.has(name)) await models.delete(name);
  }

  return {
    sweep() {
      if (isWaiting || keep === Number.POSITIVE_INFINITY) return;
      isWaiting = true;
      last = last.then(deleteOld).catch(onFailure);
    },
    idle: () => last,
  };
}

/** Equal models have one name, so rounds of several campaigns may share some: what one keeps stays. */
function modelNames(book: CampaignBook, keep: number): { kept: Set<ModelName>; over: Set<ModelName> } {
  const [kept, over] = [new Set<ModelName>(), new Set<ModelName>()];
  for (const campaign of book.names()) {
    const state = book.state(campaign);
    const firstKept = latestSelectedRound(state) - keep + 1;
    for (let round = 1; round <= currentRound(state); round++) {
      const names = round < firstKept ? over : kept;
      for (const { targets } of book.trained(campaign, round)) {
        for (const { model } of targets) names.add(model as ModelName);
      }
    }
  }
  return { kept, over };
}
