import { type CampaignCommand, decide } from '../../src/learning/campaign/campaign-decider.ts';
import { type CampaignState, roundOf } from '../../src/learning/campaign/campaign-state.ts';
import {
  abandonedMaterials,
  type CampaignStep,
  currentRound,
  nextStep,
  openedSnapshots,
  pendingMaterials,
  selectedBefore,
} from '../../src/learning/campaign/campaign-step.ts';
import { reproducedRound } from '../../src/learning/campaign/reproduced-round.ts';
import { createSnapshot, roundContents } from '../../src/learning/campaign/round-contents.ts';
import type { RoundSnapshot } from '../../src/learning/campaign/round-snapshot.ts';
import { campaignLabelSet, type FrozenData, freezeData } from '../../src/learning/data/campaign-data.ts';
import type { MaterialCatalogue } from '../../src/learning/data/material-catalogue.ts';
import type { CalculationRequested } from '../../src/model/events.ts';
import { recipeText } from '../../src/model/recipe.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { Publisher } from '../../src/runtime/publisher.ts';
import type { TimeSlices } from '../../src/runtime/time-slices.ts';
import type { RequestedCommand } from './campaign-requests.ts';
import { executionOf, type RoundSelection, recipeOf } from './round-selection.ts';

/*
 * Invariants:
 * 1. A campaign's event is acted upon only after it has been read back as accepted: another writer may have been first.
 * 2. Of one's own appends at most one is under way, so the stream's order follows from the campaign's state alone.
 * 3. Consequences in other topics derive from accepted events and may be written again; their ids stay the same.
 * 4. A round that closes early has its other calculations expire, by events: which results were in is in the log, and
 *    what comes later trains later.
 */

export interface CampaignWriterParts {
  readonly campaign: string;
  readonly writer: string;
  readonly publisher: Publisher;
  readonly catalogue: MaterialCatalogue;
  readonly featureSchema: string;
  readonly partitions: number;
  readonly topics: Pick<Topics, 'features' | 'examples'>;
  state(): CampaignState;
  /** Where the catalogue stands now. */
  offsets(): RoundSnapshot['offsets'];
  select(round: number, size: number, frozen: FrozenData): Promise<RoundSelection>;
  /** When the round's calculations are waited for no longer. */
  expiryMs(round: number): number;
  /** The clock of waits, which nobody sets. */
  nowMs(): number;
  readonly slices: TimeSlices;
  /** By chance, from 0 to 1. */
  uniform(): number;
  /** Runs a step within the trace of what it follows from. */
  traced<T>(step: { readonly name: string; readonly round?: number }, action: () => Promise<T>): Promise<T>;
  /** What people have asked for and the state does not show yet. */
  requested(): RequestedCommand | undefined;
}

/** What a campaign waits for after a step was tried. */
export type Waiting =
  | { readonly for: 'events' }
  | { readonly for: 'clock'; readonly untilMs: number }
  | { readonly for: 'lease' }
  | { readonly for: 'nothing' };

/** Takes one campaign forward, step by step. */
export interface CampaignWriter {
  /** Does what can be done now, one step; `nothing` where the next can be tried at once. */
  advance(): Promise<Waiting>;
  /** Has the campaign wait for somebody to look. */
  park(reason: string): Promise<void>;
}

const EVENTS = { for: 'events' } as const;
/** After the n-th time that another has taken a campaign over, 2^n times as long, about, before it is claimed back. */
const CLAIM_BACK_MS = 1000;
const CLAIM_BACK_MS_MAX = 120_000;

export function createCampaignWriter(parts: CampaignWriterParts): CampaignWriter {
  const { campaign, writer, publisher, catalogue } = parts;
  /** The state in which an append of ours is under way: until it changes, nothing is appended. */
  let appendedAt: { epoch: number; sequence: number } | undefined;
  const once = createOnce(publisher);
  const claims = createClaims(parts);
  let frozen: FrozenData | undefined;

  async function append(command: CampaignCommand): Promise<Waiting> {
    const events = decide(parts.state(), command);
    if (events.length === 0) return EVENTS;
    const { epoch, sequence } = parts.state();
    appendedAt = { epoch, sequence }; // 2
    try {
      await publisher.publish(events.map((event) => ({ event, campaign })));
    } catch (error) {
      appendedAt = undefined;
      throw error;
    }
    return EVENTS; // 1
  }

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
    const { parkings, created } = parts.state();
    const { config } = created!;
    const { attempts: attemptsMax } = config.calculator;
    const recipe = recipeText(recipeOf(campaign, config));
    const execution = executionOf(campaign, config);
    await once(
      open,
      (action) => parts.traced({ name: 'request calculations', round }, action),
      ({ calculationId }) => `${calculationId} ${parkings}`,
      ({ calculationId, materialId, materialHash }) => {
        const labelSet = campaignLabelSet(campaign);
        const what = { calculationId, materialId, materialHash, recipe, attemptsMax, labelSet, parkings, ...execution };
        return { event: { type: 'CalculationRequested', ...what } satisfies CalculationRequested };
      },
    );
    const untilMs = awaitedUntilMs(parts, round); // 4
    if (parts.nowMs() < untilMs) return { for: 'clock', untilMs };
    return parts.traced({ name: 'expire', round }, () => append({ type: 'ExpireCalculations', writer, round }));
  }

  const closeRound = (round: number) =>
    parts.traced({ name: 'close a round', round }, () => append({ type: 'CloseRound', writer, round }));

  return {
    async advance() {
      const state = parts.state();
      if (appendedAt?.epoch === state.epoch && appendedAt.sequence === state.sequence) return EVENTS; // 2
      appendedAt = undefined;
      const step = nextStep(state);
      const requested = parts.requested();
      // What has stopped can still be asked to go on for longer.
      if (step.step === 'create' || (step.step === 'stopped' && requested === undefined)) return EVENTS;
      const claimMs = claims.nextMs(state.writer === writer);
      if (parts.nowMs() < claimMs) return { for: 'clock', untilMs: claimMs };
      if (state.writer !== writer) return append({ type: 'ClaimEpoch', writer });
      if (requested !== undefined) return append({ ...requested, writer });
      switch (step.step) {
        case 'open_round':
          return parts.traced({ name: 'open a round', round: step.round }, () => openRound(step.round));
        case 'train':
          return train(step);
        case 'select':
          return parts.traced({ name: 'select', round: step.round }, () => select(step));
        case 'await_calculations':
          return calculate(step);
        case 'close_round':
          return closeRound(step.round);
        case 'stop':
          return parts.traced({ name: 'stop' }, () => append({ type: 'StopCampaign', writer }));
        case 'park':
          return parts.traced({ name: 'park' }, () => append({ type: 'ParkCampaign', writer, reason: step.reason }));
        default:
          return EVENTS;
      }
    },
    park: async (reason) => void (await append({ type: 'ParkCampaign', writer, reason })),
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

/**
 * Without leases, such as where NATS has lost them, two writers would claim a campaign from each other for ever, and
 * none would do a step. Each time that it is taken away they wait longer, and not equally long.
 */
function createClaims({ nowMs, uniform }: Pick<CampaignWriterParts, 'nowMs' | 'uniform'>) {
  let isHeld = false;
  let lost = 0;
  let nextMs = 0;
  return {
    /** Not before then may it be claimed. */
    nextMs(isWriter: boolean): number {
      if (isHeld && !isWriter) {
        lost++;
        nextMs = nowMs() + Math.min(CLAIM_BACK_MS_MAX, CLAIM_BACK_MS * 2 ** lost) * (0.5 + uniform());
      }
      isHeld = isWriter;
      return isWriter ? 0 : nextMs;
    },
  };
}
