import { selectionReason } from '../../src/learning/acquisition/selection-reason.ts';
import { type CampaignStreamEvent, isCampaignStreamEvent } from '../../src/learning/campaign/campaign-events.ts';
import { contradiction } from '../../src/learning/campaign/campaign-validity.ts';
import type { InputRejected, MemberTrained } from '../../src/model/events.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { MemberResult, ResultStore, RoundResult, SelectionResult } from '../../src/ports/result-store.ts';
import {
  type CampaignHistories,
  type CampaignHistory,
  createCampaignHistories,
  roundSeconds,
  trainingLabelCount,
} from '../../src/reading/campaign-history.ts';
import { type CampaignStates, createCampaignStates } from '../../src/reading/campaign-states.ts';
import { createTrainedMembers } from '../../src/reading/trained-members.ts';
import { type Received, refusedAt } from '../../src/runtime/decode-records.ts';
import { calibrationResults, uncertaintyResults } from './uncertainty-results.ts';

/** Rows that follow from a batch of events. */
interface ProjectedRows {
  readonly members: MemberResult[];
  readonly rounds: RoundResult[];
  readonly selections: SelectionResult[];
  /** What contradicts its campaign's stream. */
  readonly refused: InputRejected[];
}

/** The rejection of an event that means nothing where it is. */
export function nonsense(received: Received, problem: string): InputRejected {
  return refusedAt(received, { code: 'bad_message', message: `${received.event.type} means nothing here: ${problem}` });
}

/** Brings to the tables what follows from some events. @returns whether anything does */
export async function storeProjected(
  results: ResultStore,
  projector: Projector,
  received: readonly Received[],
  refuse: (event: InputRejected) => void = () => {},
): Promise<boolean> {
  const { refused: contradicting, ...rows } = projector.rows(received);
  for (const event of contradicting) refuse(event);
  const refused = received.flatMap(({ event }) => (event.type === 'InputRejected' ? [event] : []));
  if (rows.members.length > 0) await results.storeMembers(rows.members);
  if (rows.rounds.length > 0) await results.storeRounds(rows.rounds);
  if (rows.selections.length > 0) await results.storeSelections(rows.selections);
  // Shards do so too when they have stored predictions; whoever comes last finds both rows and selections there.
  const latest = new Map(rows.rounds.map(({ campaign, round }) => [campaign, round]));
  for (const [campaign, round] of latest) await results.thinPredictionsBefore({ campaign, round });
  if (refused.length > 0) await results.storeRejections(refused.map(({ id, rejection }) => ({ id, ...rejection })));
  return [rows.members, rows.rounds, rows.selections, refused].some(({ length }) => length > 0);
}

/** The same events give the same rows again, however often they are handled: a store may have failed half-way. */
export interface Projector {
  rows(received: readonly Received[]): ProjectedRows;
  readonly states: CampaignStates;
  readonly histories: CampaignHistories;
}

export function createProjector({ campaigns, members }: Topics): Projector {
  const states = createCampaignStates(campaigns);
  const histories = createCampaignHistories(states);
  const trained = createTrainedMembers(members, memberResults);
  /** By place, since the state has moved on when an event is handled again. */
  const refused = new Map<string, InputRejected>();

  function refusalOf(received: Received, event: CampaignStreamEvent) {
    const place = `${received.topic} ${received.partition} ${received.offset}`;
    const problem = event.type === 'CampaignCreated' ? undefined : contradiction(states.state(received.key), event);
    const refusal = refused.get(place) ?? (problem === undefined ? undefined : nonsense(received, problem));
    if (refusal) refused.set(place, refusal);
    return refusal;
  }

  return {
    states,
    histories,
    rows(received) {
      const rows: ProjectedRows = { members: [], rounds: [], selections: [], refused: [] };
      for (const one of received) {
        const { event, key } = one;
        if (event.type === 'MemberTrained') rows.members.push(...trained.keep(event));
        if (!isCampaignStreamEvent(event)) continue;
        const contradicting = refusalOf(one, event);
        if (contradicting) rows.refused.push(contradicting);
        else states.take(one);
        const history = histories.get(key);
        if (event.type !== 'Selected' || !history) continue;
        rows.rounds.push(...roundResults(history, event.round));
        rows.selections.push(...selectionRows(history, event.round));
      }
      return rows;
    },
  };
}

function memberResults({ campaign, round, member, targets, engine, seconds }: MemberTrained): MemberResult[] {
  return targets.map(({ target, treesHash, heldOut, heldOutRows }) => ({
    ...{ campaign, round, epoch: 0, member, target },
    modelHash: treesHash,
    heldOut: { count: heldOutRows.length, ...heldOut },
    seconds,
    engineFingerprint: engine,
  }));
}

function roundResults({ created, rounds }: CampaignHistory, number: number): RoundResult[] {
  const round = rounds[number - 1];
  if (round?.selected === undefined) return [];
  const { selected, opened } = round;
  const labels = trainingLabelCount(round);
  const before = rounds[number - 2];
  const result: RoundResult = {
    ...{ campaign: created.campaign, round: number, epoch: selected.epoch, labels },
    added: before ? labels - trainingLabelCount(before) : 0,
    seconds: roundSeconds(round)!,
    snapshotHash: opened.snapshotHash,
    metrics: selected.metrics.map(({ target, subset, count, mae, rmse, r2, maeStandardDeviation }) => {
      return { target, subset, count, mae, rmse, r2, maeStdev: maeStandardDeviation };
    }),
    calibrations: calibrationResults(round),
    uncertainty: uncertaintyResults(round),
  };
  return [result];
}

function selectionRows({ created, rounds }: CampaignHistory, round: number): SelectionResult[] {
  const { selected } = rounds[round - 1] ?? {};
  if (!selected) return [];
  const { campaign, config } = created;
  return selected.candidates.map((candidate, i) => ({
    ...{ campaign, round, epoch: selected.epoch, rank: i + 1 },
    materialId: candidate.materialId,
    score: candidate.score,
    why: selectionReason(config, candidate),
  }));
}
