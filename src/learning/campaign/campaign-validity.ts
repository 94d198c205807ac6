import type { StopRule } from './campaign-config.ts';
import type { AuthoredEvent, EpochClaimed, SelectedCandidate } from './campaign-events.ts';
import { endsWithRule, presentStopRule, type StopReason, stopRuleProblem } from './stop-rule.ts';

/*
 * Detects events that a campaign's stream must not contain at their place, although they are readable and claim to come
 * from the campaign's writer. Only the stream itself decides, so every reader decides alike, whatever other topics it
 * reads and however far.
 */

/** The part of a campaign's state that its own stream determines. */
export interface StreamState {
  readonly created?: { readonly config: { readonly stop: StopRule } };
  readonly raised?: StopRule;
  readonly stopped?: StopReason;
  readonly epoch: number;
  readonly writer?: string;
  readonly sequence: number;
  readonly rounds: ReadonlyMap<number, StreamRound>;
}

interface StreamRound {
  readonly opened?: unknown;
  readonly selected?: readonly Pick<SelectedCandidate, 'calculationId'>[];
  readonly outcomes?: readonly unknown[];
}

/** How an event contradicts the earlier events of its stream; undefined if it does not, or if it is stale. */
export function contradiction(state: StreamState, event: AuthoredEvent | EpochClaimed): string | undefined {
  if (event.type === 'EpochClaimed') {
    if (event.epoch > state.epoch + 1) return `epoch ${event.epoch} is claimed after epoch ${state.epoch}`;
    return event.epoch > state.epoch && state.created === undefined ? 'its campaign has not been created' : undefined;
  }
  return isNext(state, event) ? misplaced(state, event) : undefined;
}

/** Whether this is the next event of the current writer. Otherwise a deposed writer wrote it, or it is a repetition. */
export function isNext(state: StreamState, { epoch, writer, sequence }: AuthoredEvent): boolean {
  return epoch === state.epoch && writer === state.writer && sequence === state.sequence + 1;
}

function misplaced(state: StreamState, event: AuthoredEvent): string | undefined {
  if (state.created === undefined) return 'its campaign has not been created';
  if (event.type === 'StopRuleRaised') return raiseProblem(state, event.stop);
  if (state.stopped !== undefined) return 'its campaign has stopped';
  const problem = roundProblem(state, event);
  return problem && `round ${problem.round} ${problem.is}`;
}

function raiseProblem(state: StreamState, asked: StopRule): string | undefined {
  if (state.stopped !== undefined && !endsWithRule(state.stopped)) return 'its campaign has stopped';
  return stopRuleProblem(presentStopRule(state), asked);
}

function roundProblem(
  { rounds }: StreamState,
  event: AuthoredEvent,
): { readonly round: number; readonly is: string } | undefined {
  const problem = (round: number, is: string | undefined) => (is === undefined ? undefined : { round, is });
  switch (event.type) {
    case 'RoundOpened': {
      const { round } = event.snapshot;
      if (rounds.get(round)?.opened) return { round, is: 'has been opened' };
      if (round === 1 || rounds.get(round - 1)?.outcomes) return undefined;
      return { round, is: 'comes before the one before it is closed' };
    }
    case 'Selected':
      return problem(event.round, isSelected(rounds.get(event.round)) ? 'has selected' : unopened(rounds, event.round));
    case 'CalculationExpired': {
      const round = rounds.get(event.round);
      const is = unselected(round);
      if (is !== undefined) return { round: event.round, is };
      const isKnown = round!.selected!.some(({ calculationId }) => calculationId === event.calculationId);
      return problem(event.round, isKnown ? undefined : `has not selected calculation ${event.calculationId}`);
    }
    case 'RoundClosed': {
      const round = rounds.get(event.round);
      const is = unselected(round);
      if (is !== undefined) return { round: event.round, is };
      const counts = `has ${round!.selected!.length} calculations, and ${event.outcomes.length} outcomes are given`;
      return problem(event.round, event.outcomes.length === round!.selected!.length ? undefined : counts);
    }
    default:
      return undefined;
  }
}

function isSelected(round: StreamRound | undefined): boolean {
  return round?.selected !== undefined;
}

function unopened(rounds: StreamState['rounds'], round: number): string | undefined {
  return rounds.get(round)?.opened ? undefined : 'has not been opened';
}

function unselected(round: StreamRound | undefined): string | undefined {
  if (round?.selected === undefined) return 'has not selected';
  return round.outcomes === undefined ? undefined : 'has been closed';
}
