import { type CampaignCommand, decide } from '../../src/learning/campaign/campaign-decider.ts';
import { nextStep } from '../../src/learning/campaign/campaign-step.ts';
import { createCampaignSteps } from './campaign-steps.ts';
import { type CampaignWriterParts, EVENTS, type Waiting } from './campaign-writer-parts.ts';

/*
 * Invariants:
 * 1. A campaign's event is acted upon only after it has been read back as accepted: another writer may have been first.
 * 2. Of one's own appends at most one is under way, so the stream's order follows from the campaign's state alone.
 * 3. Consequences in other topics derive from accepted events and may be written again; their ids stay the same.
 * 4. A round that closes early has its other calculations expire, by events: which results were in is in the log, and
 *    what comes later trains later.
 */

/** Takes one campaign forward, step by step. */
export interface CampaignWriter {
  /** Does what can be done now, one step; `nothing` where the next can be tried at once. */
  advance(): Promise<Waiting>;
  /** Has the campaign wait for somebody to look. */
  park(reason: string): Promise<void>;
}

/** After the n-th time that another has taken a campaign over, 2^n times as long, about, before it is claimed back. */
const CLAIM_BACK_MS = 1000;
const CLAIM_BACK_MS_MAX = 120_000;

export function createCampaignWriter(parts: CampaignWriterParts): CampaignWriter {
  const { writer } = parts;
  const claims = createClaims(parts);
  const appends = createAppends(parts);
  const { append } = appends;
  const steps = createCampaignSteps(parts, append);

  const closeRound = (round: number) =>
    parts.traced({ name: 'close a round', round }, () => append({ type: 'CloseRound', writer, round }));

  return {
    async advance() {
      const state = parts.state();
      if (appends.isUnderWay()) return EVENTS; // 2
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
          return parts.traced({ name: 'open a round', round: step.round }, () => steps.openRound(step.round));
        case 'train':
          return steps.train(step);
        case 'select':
          return parts.traced({ name: 'select', round: step.round }, () => steps.select(step));
        case 'await_calculations':
          return steps.calculate(step);
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

/** Appends what commands come to. It keeps the state in which an append of ours is under way. */
function createAppends({ campaign, publisher, state }: CampaignWriterParts) {
  let appendedAt: { epoch: number; sequence: number } | undefined;
  return {
    /** Whether the state does not show yet what was appended last. */
    isUnderWay(): boolean {
      const { epoch, sequence } = state();
      if (appendedAt?.epoch === epoch && appendedAt.sequence === sequence) return true;
      appendedAt = undefined;
      return false;
    },
    async append(command: CampaignCommand): Promise<Waiting> {
      const events = decide(state(), command);
      if (events.length === 0) return EVENTS;
      const { epoch, sequence } = state();
      appendedAt = { epoch, sequence }; // 2
      try {
        await publisher.publish(events.map((event) => ({ event, campaign })));
      } catch (error) {
        appendedAt = undefined;
        throw error;
      }
      return EVENTS; // 1
    },
  };
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
