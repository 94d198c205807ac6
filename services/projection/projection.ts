import { selectionReason } from '../../src/learning/acquisition/selection-reason.ts';
import { type CampaignStreamEvent, isCampaignStreamEvent } from '../../src/learning/campaign/campaign-events.ts';
import { contradiction } from '../../src/learning/campaign/campaign-validity.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { InputRejected, MemberTrained } from '../../src/model/events.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { TopicPartition } from '../../src/ports/event-log.ts';
import type { MemberResult, ResultStore, RoundResult, SelectedCandidate } from '../../src/ports/result-store.ts';
import {
  type CampaignHistories,
  type CampaignHistory,
  createCampaignHistories,
  roundSeconds,
  trainingLabelCount,
} from '../../src/reading/campaign-history.ts';
import { type CampaignStates, createCampaignStates } from '../../src/reading/campaign-states.ts';
import { createMemberJudge, type MemberJudge } from '../../src/reading/member-judge.ts';
import { createTrainedMembers } from '../../src/reading/trained-members.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { type Received, refusedAt } from '../../src/runtime/decode-records.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { combineServices, createFailure, type Service, type ServicePorts } from '../../src/runtime/service.ts';
import { createFirstMembers } from './first-members.ts';
import { createTableKeeping, type TableKeeping } from './table-keeping.ts';

/** Rows that follow from a batch of events. */
interface ProjectedRows {
  readonly members: MemberResult[];
  readonly rounds: RoundResult[];
  readonly selections: SelectedCandidate[];
  /** What contradicts its campaign's stream. */
  readonly refused: InputRejected[];
}

export const PROJECTION_GROUP = 'projection';

export function projectedTopics({ campaigns, members, rejections }: Topics): string[] {
  return [campaigns.name, members.name, rejections.name];
}

export interface ProjectionOptions {
  /** Told of how many events the tables lacked rows, once they have been stored again. */
  readonly onLacking?: (events: number) => void;
}

export interface RunningProjection extends Service {
  /** Resolves when the tables hold again what they had lost before the start. */
  filled(): Promise<void>;
}

/** How long rows may be missing before somebody notices; a table that is missing is noticed by the next row for it. */
const CHECK_MS = 300_000;

/** Keeps the tables of people's queries up to date with the log, except for the predictions, which shards bring. */
export async function startProjection(
  ports: ServicePorts,
  results: ResultStore,
  { onLacking }: ProjectionOptions = {},
): Promise<RunningProjection> {
  const { campaigns, members, rejections, examples } = ports.topics;
  const projector = createProjector(ports.topics);
  const judge = createMemberJudge(ports.log, ports.topics);
  const first = createFirstMembers({
    ...{ log: ports.log, topic: members, opened: judge.opened },
    learn: projector.rows,
  });
  const keeping = createTableKeeping({
    ...{ ports, results, learned: new Set([campaigns.name]) },
    learn: projector.rows,
    async storeRows(received, refuse) {
      const sensible = await withoutNonsense(received, judge, refuse);
      await first.learnBefore(sensible);
      return storeProjected(results, projector, sensible, refuse);
    },
    onLacking(events) {
      ports.telemetry?.log('warn', 'rows were lacking in the tables, and are stored again', { events });
      onLacking?.(events);
    },
  });
  const ofTables = <T extends TopicPartition>(partitions: readonly T[]) =>
    partitions.filter(({ topic }) => topic !== examples.name);
  let assigned = () => {};
  const firstAssigned = new Promise<void>((resolve) => {
    assigned = resolve;
  });
  const consumer = await startConsumer(ports, createPublisher(ports, 'projection'), {
    group: PROJECTION_GROUP,
    // No group reads examples: here only to have refused what is none.
    topics: [campaigns.name, members.name, rejections.name, examples.name],
    async onAssigned(partitions) {
      first.assigned(partitions);
      await keeping.assigned(ofTables(partitions));
      assigned();
    },
    async onRevoked(partitions) {
      keeping.revoked(partitions);
    },
    handle: (received, _, refuse) => keeping.store(received, refuse),
  });
  const checks = startChecks(ports, keeping);
  return {
    ...combineServices([consumer, checks]),
    async filled() {
      await Promise.race([firstAssigned, consumer.failed]);
      await keeping.idle();
    },
  };
}

function startChecks({ clock, telemetry }: ServicePorts, { check }: TableKeeping): Service {
  const stopping = new AbortController();
  const failure = createFailure();
  const checking = (async () => {
    for (;;) {
      await clock.sleep(CHECK_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await check().catch((error: unknown) => {
        if (!(error instanceof AppError && error.retryable)) throw error;
        telemetry?.log('warn', 'the tables cannot be checked, and will be', { err: error });
      });
    }
  })().catch(failure.fail);
  return {
    failed: failure.promise,
    async stop() {
      stopping.abort();
      await checking;
    },
  };
}

/** Without what members' events say of members that there are not. */
async function withoutNonsense(
  received: readonly Received[],
  judge: MemberJudge,
  refuse: (event: InputRejected) => void,
): Promise<Received[]> {
  const sensible: Received[] = [];
  for (const one of received) {
    const { event } = one;
    const problem =
      event.type === 'MemberTrained' || event.type === 'MemberFailed' ? await judge.problem(event) : undefined;
    if (problem === undefined) sensible.push(one);
    else refuse(nonsense(one, problem));
  }
  return sensible;
}

function nonsense(received: Received, problem: string): InputRejected {
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
  };
  return [result];
}

function selectionRows({ created, rounds }: CampaignHistory, round: number): SelectedCandidate[] {
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
