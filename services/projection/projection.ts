import {
  type CampaignStreamEvent,
  isCampaignStreamEvent,
  type RoundOpened,
  type Selected,
} from '../../src/learning/campaign-events.ts';
import { type CampaignState, evolve, initialState } from '../../src/learning/campaign-state.ts';
import { contradiction } from '../../src/learning/campaign-validity.ts';
import { selectionReason } from '../../src/learning/selection-reason.ts';
import type { InputRejected, MemberTrained } from '../../src/model/events.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { MemberResult, ResultStore, RoundResult, SelectedCandidate } from '../../src/ports/result-store.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { decodeRecords, type Received, refusedAt } from '../../src/runtime/decode-records.ts';
import { createMemberJudge } from '../../src/runtime/member-judge.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';

interface KnownRound {
  readonly opened: RoundOpened;
  readonly openedAt: string;
  selected?: Selected;
  selectedAt?: string;
}

interface KnownCampaign {
  state: CampaignState;
  /** From 1; what deposed writers wrote is not among them. */
  readonly rounds: Map<number, KnownRound>;
}

/** Rows that follow from a batch of events. */
export interface ProjectedRows {
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

/** Keeps the tables of people's queries up to date with the log, except for the predictions, which shards bring. */
export function startProjection(ports: ServicePorts, results: ResultStore): Promise<Service> {
  const { rejections, examples } = ports.topics;
  const unread = new Set([rejections.name, examples.name]);
  const projector = createProjector();
  const judge = createMemberJudge(ports.log, ports.topics);
  return startConsumer(ports, createPublisher(ports, 'projection'), {
    group: PROJECTION_GROUP,
    // No group reads examples: here only to have refused what is none.
    topics: [...projectedTopics(ports.topics), examples.name],
    async onAssigned(partitions) {
      const ranges = partitions.map(({ offset: to, ...at }) => ({ ...at, from: 0, to }));
      const read = ranges.filter(({ topic, to }) => !unread.has(topic) && to > 0);
      for await (const batch of ports.log.read(read)) projector.rows(decodeRecords(batch).received);
    },
    async handle(received, _, refuse) {
      await storeProjected(results, projector, await withoutNonsense(received, judge, refuse), refuse);
    },
  });
}

/** Without what members' events say of members that there are not. */
async function withoutNonsense(
  received: readonly Received[],
  judge: ReturnType<typeof createMemberJudge>,
  refuse: (event: InputRejected) => void,
): Promise<Received[]> {
  const sensible: Received[] = [];
  for (const one of received) {
    const { event } = one;
    const problem = event.type === 'MemberTrained' || event.type === 'MemberFailed' ? await judge(event) : undefined;
    if (problem === undefined) sensible.push(one);
    else refuse(nonsense(one, problem));
  }
  return sensible;
}

function nonsense(received: Received, problem: string): InputRejected {
  return refusedAt(received, { code: 'bad_message', message: `${received.event.type} means nothing here: ${problem}` });
}

/** Brings to the tables what follows from some events. */
export async function storeProjected(
  results: ResultStore,
  projector: Projector,
  received: readonly Received[],
  refuse: (event: InputRejected) => void = () => {},
): Promise<void> {
  const { refused: contradicting, ...rows } = projector.rows(received);
  for (const event of contradicting) refuse(event);
  const rejections = received.flatMap(({ event }) => (event.type === 'InputRejected' ? [event] : []));
  if (rows.members.length > 0) await results.storeMembers(rows.members);
  if (rows.rounds.length > 0) await results.storeRounds(rows.rounds);
  if (rows.selections.length > 0) await results.storeSelections(rows.selections);
  // Shards do so too when they have stored predictions; whoever comes last finds both rows and selections there.
  const latest = new Map(rows.rounds.map(({ campaign, round }) => [campaign, round]));
  for (const [campaign, round] of latest) await results.thinPredictionsBefore({ campaign, round });
  if (rejections.length > 0)
    await results.storeRejections(rejections.map(({ id, rejection }) => ({ id, ...rejection })));
}

/** The same events give the same rows again, however often they are handled: a store may have failed half-way. */
export interface Projector {
  rows(received: readonly Received[]): ProjectedRows;
}

export function createProjector(): Projector {
  const known = new Map<string, KnownCampaign>();
  /** By snapshot and member: the first is the model. */
  const trained = new Map<string, MemberResult[]>();
  /** By place, since the state has moved on when an event is handled again. */
  const refused = new Map<string, InputRejected>();

  function campaignOf(name: string): KnownCampaign {
    const campaign = known.get(name) ?? { state: initialState(), rounds: new Map() };
    known.set(name, campaign);
    return campaign;
  }

  function take(event: CampaignStreamEvent, time: string, campaign: KnownCampaign): void {
    const after = evolve(campaign.state, event);
    if (after === campaign.state) return;
    campaign.state = after;
    if (event.type === 'RoundOpened') {
      campaign.rounds.set(event.snapshot.round, { opened: event, openedAt: time });
    } else if (event.type === 'Selected') {
      Object.assign(campaign.rounds.get(event.round)!, { selected: event, selectedAt: time });
    }
  }

  function refusalOf(received: Received, event: CampaignStreamEvent, { state }: KnownCampaign) {
    const place = `${received.topic} ${received.partition} ${received.offset}`;
    const problem = event.type === 'CampaignCreated' ? undefined : contradiction(state, event);
    const refusal = refused.get(place) ?? (problem === undefined ? undefined : nonsense(received, problem));
    if (refusal) refused.set(place, refusal);
    return refusal;
  }

  function membersOf(event: MemberTrained): MemberResult[] {
    const name = `${event.snapshotHash} ${event.member}`;
    const results = trained.get(name) ?? memberResults(event);
    trained.set(name, results);
    return results;
  }

  return {
    rows(received: readonly Received[]): ProjectedRows {
      const rows: ProjectedRows = { members: [], rounds: [], selections: [], refused: [] };
      for (const one of received) {
        const { event, key, time } = one;
        if (event.type === 'MemberTrained') rows.members.push(...membersOf(event));
        if (!isCampaignStreamEvent(event)) continue;
        const campaign = campaignOf(key);
        const contradicting = refusalOf(one, event, campaign);
        if (contradicting) rows.refused.push(contradicting);
        else take(event, time, campaign);
        if (event.type !== 'Selected') continue;
        rows.rounds.push(...roundResults(key, event.round, campaign));
        rows.selections.push(...selectionRows(key, event.round, campaign));
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

function trainingLabels({ snapshot: { examples, testSet } }: RoundOpened): number {
  return examples.count - testSet.count;
}

function roundResults(campaign: string, round: number, { rounds }: KnownCampaign): RoundResult[] {
  const { opened, openedAt, selected, selectedAt } = rounds.get(round) ?? {};
  if (!opened || !openedAt || !selected || !selectedAt) return [];
  const before = rounds.get(round - 1)?.opened;
  const labels = trainingLabels(opened);
  const result: RoundResult = {
    ...{ campaign, round, epoch: selected.epoch, labels },
    added: before ? labels - trainingLabels(before) : 0,
    seconds: (Date.parse(selectedAt) - Date.parse(openedAt)) / 1000,
    snapshotHash: opened.snapshotHash,
    metrics: selected.metrics.map(({ target, subset, count, mae, rmse, r2, maeStandardDeviation }) => {
      return { target, subset, count, mae, rmse, r2, maeStdev: maeStandardDeviation };
    }),
  };
  return [result];
}

function selectionRows(campaign: string, round: number, { rounds, state }: KnownCampaign): SelectedCandidate[] {
  const { selected } = rounds.get(round) ?? {};
  if (!selected || !state.created) return [];
  const { config } = state.created;
  return selected.candidates.map((candidate, i) => ({
    ...{ campaign, round, epoch: selected.epoch, rank: i + 1 },
    materialId: candidate.materialId,
    score: candidate.score,
    why: selectionReason(config, candidate),
  }));
}
