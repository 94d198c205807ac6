import type { CampaignCommand } from '../../src/learning/campaign/campaign-decider.ts';
import { type CampaignState, roundOf } from '../../src/learning/campaign/campaign-state.ts';
import {
  abandonedMaterials,
  type CampaignStep,
  currentRound,
  openedSnapshots,
  pendingMaterials,
  selectedBefore,
} from '../../src/learning/campaign/campaign-step.ts';
import { reproducedRound } from '../../src/learning/campaign/reproduced-round.ts';
import { createSnapshot, roundContents } from '../../src/learning/campaign/round-contents.ts';
import { campaignLabelSet, type FrozenData, freezeData } from '../../src/learning/data/campaign-data.ts';
import type { CalculationRequested } from '../../src/model/events.ts';
import { recipeText } from '../../src/model/recipe.ts';
import type { Publisher } from '../../src/runtime/publisher.ts';
import { type CampaignWriterParts, EVENTS, type Waiting } from './campaign-writer-parts.ts';
import { executionOf, recipeOf } from './round-selection.ts';

type Append = (command: CampaignCommand) => Promise<Waiting>;

/**
 * What the steps of a round do. It keeps the data as the campaign froze them, and which consequences this process has
 * published. The numbers in comments are the invariants of campaign-writer.ts.
 */
export function createCampaignSteps(parts: CampaignWriterParts, append: Append) {
  const { campaign, writer, publisher, catalogue } = parts;
  const once = createOnce(publisher);
  let frozen: FrozenData | undefined;

  async function openRound(round: number): Promise<Waiting> {
    const state = parts.state();
    const created = state.created!;
    frozen ??= frozenData(parts, state);
    const offsets = parts.offsets();
    const contents = roundContents({
      ...{ created, frozen, catalogue, partitions: parts.partitions },
      selectedBefore: selectedBefore(state, round),
    });
    const naming = createSnapshot(contents, {
      round,
      testSet: frozen.testSet,
      pending: pendingMaterials(state),
      abandoned: abandonedMaterials(state),
      featureSchema: parts.featureSchema,
      settings: created.configHash,
      offsets,
    });
    const snapshot = await parts.slices.run(naming);
    return append({ type: 'OpenRound', writer, snapshot });
  }

  async function train(step: CampaignStep & { step: 'train' }): Promise<Waiting> {
    const { round, snapshotHash, missing } = step;
    const { parkings } = parts.state();
    await once(
      missing,
      (action) => parts.traced({ name: 'train members', round }, action),
      (member) => `${snapshotHash} ${member} ${parkings}`,
      (member) => ({ event: { type: 'TrainMember', campaign, round, snapshotHash, member, parkings } }),
    );
    return EVENTS;
  }

  async function select({ round, size }: CampaignStep & { step: 'select' }): Promise<Waiting> {
    frozen ??= frozenData(parts, parts.state());
    const selection = await parts.select(round, size, frozen);
    return append({ type: 'SelectCandidates', writer, round, ...selection });
  }

  async function calculate({ round, open }: CampaignStep & { step: 'await_calculations' }): Promise<Waiting> {
    const { parkings } = parts.state();
    const requested = requestsOf(campaign, parts.state());
    await once(
      open,
      (action) => parts.traced({ name: 'request calculations', round }, action),
      ({ calculationId }) => `${calculationId} ${parkings}`,
      (candidate) => ({ event: requested(candidate) }),
    );
    const untilMs = awaitedUntilMs(parts, round); // 4
    if (parts.nowMs() < untilMs) return { for: 'clock', untilMs };
    return parts.traced({ name: 'expire', round }, () => append({ type: 'ExpireCalculations', writer, round }));
  }

  return { openRound, train, select, calculate };
}

/** What a campaign asks of calculation services for each of its candidates. */
function requestsOf(campaign: string, { created, parkings }: CampaignState) {
  const { config } = created!;
  const { attempts: attemptsMax } = config.calculator;
  const recipe = recipeText(recipeOf(campaign, config));
  const execution = executionOf(campaign, config);
  const labelSet = campaignLabelSet(campaign);
  return ({
    calculationId,
    materialId,
    materialHash,
  }: Pick<CalculationRequested, 'calculationId' | 'materialId' | 'materialHash'>): CalculationRequested => {
    const what = { calculationId, materialId, materialHash, recipe, attemptsMax, labelSet, parkings, ...execution };
    return { type: 'CalculationRequested', ...what };
  };
}

/** 0 where enough results are in. */
function awaitedUntilMs({ state, expiryMs }: CampaignWriterParts, round: number): number {
  const { minResults = Number.POSITIVE_INFINITY } = state().created!.config.calculator;
  return labelledOf(state(), round) >= minResults ? 0 : expiryMs(round);
}

function labelledOf(state: CampaignState, round: number): number {
  const { settled } = roundOf(state, round);
  return [...settled.values()].filter(({ outcome }) => outcome === 'labelled').length;
}

/** Publishes what has not been published by this process. What is asked for no more never comes again. */
function createOnce(publisher: Publisher) {
  let published: ReadonlySet<string> = new Set();
  return async <T>(
    items: readonly T[],
    traced: (action: () => Promise<void>) => Promise<void>,
    keyOf: (item: T) => string,
    make: (item: T) => Parameters<Publisher['publish']>[0][number],
  ): Promise<void> => {
    const fresh = items.filter((item) => !published.has(keyOf(item)));
    if (fresh.length > 0) await traced(() => publisher.publish(fresh.map(make))); // 3
    published = new Set(items.map(keyOf));
  };
}

/** As every round of the campaign reads them: told by the last that was opened, where another process froze them. */
function frozenData({ catalogue, partitions, topics }: CampaignWriterParts, state: CampaignState): FrozenData {
  const created = state.created!;
  const round = currentRound(state);
  if (round === 0 || !catalogue.hasLate) return freezeData(created, catalogue);
  return reproducedRound({
    ...{ created, catalogue, partitions, topics },
    snapshots: openedSnapshots(state, round),
    selectedBefore: selectedBefore(state, round),
    poolPartitions: [...Array(partitions).keys()],
  }).frozen;
}
