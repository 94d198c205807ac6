import { currentRound, latestSelectedRound } from '../../src/learning/campaign/campaign-step.ts';
import type { ModelName, ModelStore } from '../../src/ports/model-store.ts';
import type { CampaignStates } from '../../src/reading/campaign-states.ts';
import type { RoundModels } from './round-models.ts';

export interface ModelRetentionParts {
  readonly states: CampaignStates;
  readonly roundModels: RoundModels;
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

/** Of the models that are there, equal ones have one name, so rounds of several campaigns may share some. */
interface Stock {
  readonly campaign: string;
  readonly there: ReadonlySet<ModelName>;
  readonly kept: ReadonlySet<ModelName>;
}

export function createModelRetention(parts: ModelRetentionParts): ModelRetention {
  const { states, roundModels, models, keep, onFailure } = parts;
  let last = Promise.resolve();
  let isWaiting = false;

  async function namesOf(campaign: string, round: number): Promise<ModelName[]> {
    const found = await roundModels.find(campaign, round);
    return found.flatMap(({ targets }) => targets.map(({ model }) => model as ModelName));
  }

  const firstKept = (campaign: string) => Math.max(1, latestSelectedRound(states.state(campaign)) - keep + 1);

  async function deleteOld(): Promise<void> {
    isWaiting = false;
    const kept = new Set<ModelName>();
    for (const campaign of states.names()) {
      const current = currentRound(states.state(campaign));
      for (let round = firstKept(campaign); round <= current; round++) {
        for (const name of await namesOf(campaign, round)) kept.add(name);
      }
    }
    // Asked second: what is trained meanwhile is of no round that is over, and stays.
    const there = new Set<ModelName>();
    for await (const { name } of models.list()) there.add(name);
    for (const campaign of states.names()) await deleteBefore(firstKept(campaign), { campaign, there, kept });
  }

  /** From the newest on: the models of a round are deleted with those of all before it, so below one there are none. */
  async function deleteBefore(first: number, { campaign, there, kept }: Stock): Promise<void> {
    let isOver = false;
    for (let round = first - 1; round >= 1; round--) {
      // What is known may have been made again since.
      if (isOver && !roundModels.isKnown(campaign, round)) continue;
      const left = (await namesOf(campaign, round)).filter((name) => there.has(name));
      isOver ||= left.length === 0;
      for (const name of left) if (!kept.has(name)) await models.delete(name);
    }
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
