import type { ContentHash } from '../../model/content-hash.ts';
import { compareIds } from '../../model/id-order.ts';
import type { CalculationOutcome, SelectedCandidate } from './campaign-events.ts';
import { type CampaignState, type Failure, memberKey, type RoundState, roundOf } from './campaign-state.ts';
import { poolSize, type RoundSnapshot } from './round-snapshot.ts';
import { type CampaignProgress, presentStopRule, type StopReason, selectionSize, stopReason } from './stop-rule.ts';

/** The next step of a campaign: the one action that its writer may take, or the event for which it waits. */
export type CampaignStep =
  | { readonly step: 'create' }
  | { readonly step: 'claim_epoch' }
  | { readonly step: 'await_sources'; readonly missing: readonly string[] }
  | { readonly step: 'open_round'; readonly round: number }
  | {
      readonly step: 'train';
      readonly round: number;
      readonly snapshotHash: ContentHash;
      readonly missing: readonly number[];
    }
  | { readonly step: 'select'; readonly round: number; readonly size: number }
  | { readonly step: 'await_calculations'; readonly round: number; readonly open: readonly SelectedCandidate[] }
  | { readonly step: 'close_round'; readonly round: number; readonly outcomes: readonly CalculationOutcome[] }
  | { readonly step: 'stop'; readonly reason: StopReason }
  | { readonly step: 'park'; readonly reason: string }
  | { readonly step: 'paused' }
  | { readonly step: 'parked'; readonly reason: string }
  | { readonly step: 'stopped'; readonly reason: StopReason };

/** A pause starts no new work and lets the running work finish. */
const STARTS_WORK: ReadonlySet<CampaignStep['step']> = new Set(['open_round', 'train', 'select', 'park']);

export function nextStep(state: CampaignState): CampaignStep {
  if (state.created === undefined) return { step: 'create' };
  if (state.stopped !== undefined) return { step: 'stopped', reason: state.stopped };
  const parked = parkedReason(state);
  if (parked !== undefined) return { step: 'parked', reason: parked };
  if (state.writer === undefined) return { step: 'claim_epoch' };
  const missing = state.created.sources.filter((source) => !state.sources.has(source));
  if (missing.length > 0) return { step: 'await_sources', missing };
  const step = roundStep(state);
  return state.paused && STARTS_WORK.has(step.step) ? { step: 'paused' } : step;
}

/** The reason why a campaign does no step until an operator acts; undefined if it is not parked. */
export function parkedReason({ parked, newer, stopped }: CampaignState): string | undefined {
  if (stopped !== undefined) return undefined;
  if (newer === undefined) return parked;
  return `its stream holds ${newer}, an event of a newer elastream: upgrade this one`;
}

/** The last opened round, 0 before the first. */
export function currentRound(state: CampaignState): number {
  let round = 0;
  while (state.rounds.get(round + 1)?.opened !== undefined) round++;
  return round;
}

/** The last round with a selection, 0 before the first. */
export function latestSelectedRound(state: CampaignState): number {
  const round = currentRound(state);
  return roundOf(state, round).selected === undefined ? Math.max(0, round - 1) : round;
}

/** The number of labels that closed rounds acquired, also after their close. */
export function acquiredLabels(state: CampaignState): number {
  let acquired = 0;
  for (const round of state.rounds.values()) {
    if (round.outcomes !== undefined) acquired += labelledAmong(round.outcomes) + lateLabels(round, round.outcomes);
  }
  return acquired;
}

/** The labels of calculations that their round did not wait for. */
function lateLabels({ selected, settled }: RoundState, outcomes: readonly CalculationOutcome[]): number {
  if (labelledAmong(outcomes) === outcomes.length) return 0;
  const isLate = (_: CalculationOutcome, i: number) =>
    outcomes[i] !== 'labelled' && settled.get(selected![i]!.calculationId)?.outcome === 'labelled';
  return outcomes.filter(isLate).length;
}

/** Cached for closed rounds: every step asks for these counts, and they never change. */
const counted = new WeakMap<readonly CalculationOutcome[], number>();

function labelledAmong(outcomes: readonly CalculationOutcome[]): number {
  const known = counted.get(outcomes);
  if (known !== undefined) return known;
  const labelled = outcomes.filter((outcome) => outcome === 'labelled').length;
  counted.set(outcomes, labelled);
  return labelled;
}

/** The outcome of a selected calculation; undefined while it is pending. The close of its round is final. */
export function outcomeOf(round: RoundState, index: number): CalculationOutcome | undefined {
  if (round.outcomes !== undefined) return round.outcomes[index];
  const id = round.selected?.[index]?.calculationId ?? '';
  return round.settled.get(id)?.outcome ?? (round.expired.has(id) ? 'expired' : undefined);
}

/** The materials that no later round may select again, because their calculation gave no label. */
export function abandonedMaterials(state: CampaignState): string[] {
  return selectedMaterials(state, (outcome) => outcome !== undefined && outcome !== 'labelled');
}

/** The materials that earlier rounds have selected, whatever their outcome: no round may select them again. */
export function selectedBefore(state: CampaignState, round: number): Set<string> {
  const earlier = [...state.rounds].filter(([number]) => number < round);
  return new Set(earlier.flatMap(([, { selected }]) => (selected ?? []).map(({ materialId }) => materialId)));
}

/**
 * What earlier rounds selected and closed without waiting for any longer: its label may still come. By id. It depends on
 * the campaign's own stream alone, so every node finds the same.
 */
export function awaitedBefore(state: CampaignState, round: number): SelectedCandidate[] {
  const earlier = [...state.rounds].filter(([number]) => number < round).map(([, closed]) => closed);
  const expired = earlier.flatMap(({ selected = [], outcomes = [] }) =>
    selected.filter((_, i) => outcomes[i] === 'expired'),
  );
  return expired.sort((a, b) => compareIds(a.materialId, b.materialId));
}

/** The snapshots of the rounds up to this one that have been opened, first round first. */
export function openedSnapshots(state: CampaignState, round: number): RoundSnapshot[] {
  return Array.from({ length: round }, (_, i) => roundOf(state, i + 1).opened?.snapshot ?? []).flat();
}

/** The materials whose calculation is still running. */
export function pendingMaterials(state: CampaignState): string[] {
  return selectedMaterials(state, (outcome) => outcome === undefined);
}

function selectedMaterials(state: CampaignState, wanted: (outcome?: CalculationOutcome) => boolean): string[] {
  return [...state.rounds.values()].flatMap((round) =>
    (round.selected ?? []).filter((_, i) => wanted(outcomeOf(round, i))).map(({ materialId }) => materialId),
  );
}

function roundStep(state: CampaignState): CampaignStep {
  const { config } = state.created!;
  const number = currentRound(state);
  const round = roundOf(state, number);
  if (round.opened === undefined) return { step: 'open_round', round: 1 };
  const { snapshotHash } = round.opened;
  const rule = presentStopRule(state);
  const progress = stopProgress(state);
  if (round.outcomes !== undefined) {
    // An empty selection marks the last round, unless the stop rule has been raised since.
    const reason = stopReason(rule, progress);
    const goesOn = reason === undefined && state.raised !== undefined;
    if (round.selected?.length !== 0 || goesOn) return { step: 'open_round', round: number + 1 };
    return { step: 'stop', reason: reason ?? 'empty_pool' };
  }
  if (round.selected === undefined) {
    const members = Array.from({ length: config.ensemble.members }, (_, member) => member);
    const missing = members.filter((member) => !round.models.has(memberKey(snapshotHash, member)));
    const failed = missing.flatMap((member) => state.failures.get(memberKey(snapshotHash, member)) ?? []);
    const reason = presentReason(failed, state);
    if (reason !== undefined) return { step: 'park', reason };
    if (missing.length > 0) return { step: 'train', round: number, snapshotHash, missing };
    return { step: 'select', round: number, size: selectionSize(config.acquisition, rule, progress) };
  }
  const outcomes = round.selected.map((_, i) => outcomeOf(round, i));
  const open = round.selected.filter((_, i) => outcomes[i] === undefined);
  const halted = open.flatMap(({ calculationId }) => round.halted.get(calculationId) ?? []);
  const reason = presentReason(halted, state);
  if (reason !== undefined) return { step: 'park', reason };
  if (open.length > 0) return { step: 'await_calculations', round: number, open };
  return { step: 'close_round', round: number, outcomes: outcomes.filter((outcome) => outcome !== undefined) };
}

/** What the stop rule looks at, of the round that was opened last. */
export function stopProgress(state: CampaignState): CampaignProgress {
  const number = currentRound(state);
  const { opened, stopFigures } = roundOf(state, number);
  return {
    round: number - roundsThatMeasured(state, number),
    acquired: acquiredLabels(state),
    pool: opened ? poolSize(opened.snapshot) : 0,
    ...(stopFigures && { figures: stopFigures }),
  };
}

/** The number of earlier rounds with an empty selection: each was the last one until the stop rule was raised. */
function roundsThatMeasured({ raised, rounds }: CampaignState, round: number): number {
  if (raised === undefined) return 0;
  return [...rounds].filter(([number, { selected }]) => number < round && selected?.length === 0).length;
}

/** The reason of the first failure that is newer than the last parking. */
function presentReason(failures: readonly Failure[], { parkings }: CampaignState): string | undefined {
  return failures.find((failure) => failure.parkings >= parkings)?.reason;
}
